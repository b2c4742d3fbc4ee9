"""Zero bytes mean no limit in Swarm as well."""

from tests.corpus.citizens import service, swarm_resources

EXPECT = {"rule": "memory-limit", "who": "redis", "says": "memoryBytes"}

service("redis", task={"resources": swarm_resources(0, 0)})
