"""The gateway is open to all, on 443, as the operator says."""

from tests.corpus.citizens import container

CONFIG = {"published-ports": {"gateways": ["gateway"]}, "privileged-ports": {"allowed": [443]}}

container("gateway", ports=[{"internal": 8443, "external": 443}, {"internal": 8080, "external": 8080, "ip": "::"}])
