"""The gateway may publish; the backend isn't it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "published-ports", "who": "backend", "says": "10010"}
CONFIG = {"published-ports": {"gateways": ["gateway"]}}

container("backend", ports=[{"internal": 8080, "external": 10010}])
