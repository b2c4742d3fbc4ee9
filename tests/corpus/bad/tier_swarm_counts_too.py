"""Half of the tier's memory in containers, and more than the other half in Swarm."""

from typing import Any

from tests.corpus.citizens import container, memory, service, swarm_resources

EXPECT = {"rule": "tier-quotas", "who": "crowd", "says": ["4608", "4096"]}
CONFIG: dict[str, Any] = {"exclusive-cores": {"exclusive": {}}}

container("agent", "agents", **memory(2048))
service("crowd", "agents", replicas=5, task={"resources": swarm_resources(512, 512)})
