"""Three replicas of a Swarm service, counted three times, and one of a second."""

from tests.corpus.citizens import service, swarm_resources

service("cache", replicas=3, task={"resources": swarm_resources(2048, 2048, nano_request=500_000_000)})
service("search")
