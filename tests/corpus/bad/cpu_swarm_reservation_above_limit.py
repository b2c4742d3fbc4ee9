"""A Swarm task reserves two cores, and may use half of one."""

from tests.corpus.citizens import service, swarm_resources

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "2"}

service("redis", task={"resources": swarm_resources(64, 128, nano_request=2_000_000_000)})
