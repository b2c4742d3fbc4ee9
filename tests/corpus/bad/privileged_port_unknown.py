"""Which port is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "privileged-ports", "who": "backend", "says": "unknown"}

container("backend", ports=[{"internal": 8443, "external": unknown(443), "ip": "127.0.0.1"}])
