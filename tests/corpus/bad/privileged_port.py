"""A port below 1024, on loopback."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged-ports", "who": "backend", "says": "443"}

container("backend", ports=[{"internal": 8443, "external": 443, "ip": "127.0.0.1"}])
