"""One Swarm task is small; nine of them are more memory than the host has."""

from tests.corpus.citizens import service, swarm_resources

EXPECT = {"rule": "host-budget", "who": "crowd", "says": "28800"}

service("crowd", replicas=9, task={"resources": swarm_resources(3200, 3200)})
