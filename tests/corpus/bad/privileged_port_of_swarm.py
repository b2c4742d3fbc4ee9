"""A Swarm gateway on port 80."""

from tests.corpus.citizens import service

EXPECT = {"rule": "privileged-ports", "who": "gateway", "says": "80"}
CONFIG = {"published-ports": {"gateways": ["gateway"]}}

service("gateway", endpoint_spec={"ports": [{"target_port": 8080, "published_port": 80}]})
