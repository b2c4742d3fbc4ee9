"""A Swarm task that reserves a GPU."""

from tests.corpus.citizens import service, swarm_resources

EXPECT = {"rule": "devices", "who": "redis", "says": "genericResources"}

resources = swarm_resources(64, 128)
resources["reservation"]["generic_resources"] = {"discrete_resources_specs": ["GPU=1"]}
service("redis", task={"resources": resources})
