"""Infrastructure in Swarm: 8 x 2048 MiB, and its pool has 14336."""

from tests.corpus.citizens import service, swarm_resources

EXPECT = {"rule": "pool-capacity", "who": "cache", "says": ["16384", "14336"]}

service("cache", replicas=8, task={"resources": swarm_resources(2048, 2048)})
