"""A Swarm task that may take 32 TiB."""

from tests.corpus.citizens import service, swarm_resources

EXPECT = {"rule": "memory-limits-on-host", "who": "crowd", "says": "of a host that has"}

service("crowd", replicas=1, task={"resources": swarm_resources(64, 2**25)})
