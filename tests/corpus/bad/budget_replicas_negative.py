"""A negative number of replicas must not make room for somebody else."""

from tests.corpus.citizens import container, memory, service, swarm_resources

EXPECT = {"rule": "host-budget", "who": "crowd", "says": "replicas"}

service("crowd", replicas=-4, task={"resources": swarm_resources(4096, 4096)})
container("hog", **memory(14336))
