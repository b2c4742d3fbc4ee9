"""A Swarm task reserves more than it may have."""

from tests.corpus.citizens import service, swarm_resources

EXPECT = {"rule": "memory-reservation", "who": "redis", "says": "memoryBytes"}

service("redis", task={"resources": swarm_resources(256, 128)})
