"""It is below a component that calls itself what the planner's own components are called."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}

trusted = pulumi.ComponentResource("sutazai:platform:Service", "redis-service")
container("redis", privileged=True, opts=pulumi.ResourceOptions(parent=trusted))
