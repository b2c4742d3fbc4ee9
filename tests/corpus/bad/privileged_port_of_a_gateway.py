"""The gateway may publish, and may have 443, not 22."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged-ports", "who": "gateway", "says": "22"}
CONFIG = {"published-ports": {"gateways": ["gateway"]}, "privileged-ports": {"allowed": [443]}}

container("gateway", ports=[{"internal": 8443, "external": 443}, {"internal": 8022, "external": 22}])
