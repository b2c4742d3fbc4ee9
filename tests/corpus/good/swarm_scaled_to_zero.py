"""A service of no replicas takes nothing."""

from tests.corpus.citizens import container, memory, service, swarm_resources

service("importer", replicas=0, task={"resources": swarm_resources(8192, 8192)})
container("cache", **memory(14336))
