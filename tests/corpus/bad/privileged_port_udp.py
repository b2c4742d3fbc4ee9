"""Port 53, over UDP."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged-ports", "who": "names", "says": "53"}

container("names", ports=[{"internal": 10053, "external": 53, "ip": "127.0.0.1", "protocol": "udp"}])
