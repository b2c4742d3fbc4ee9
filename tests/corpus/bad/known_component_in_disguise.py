"""A component that calls itself a container stands before a command resource."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "known-resources", "who": "starter", "says": "command"}

container("redis")
disguise = pulumi.ComponentResource("docker:index/container:Container", "disguise")
pulumi.CustomResource(
    "command:local:Command",
    "starter",
    {"create": "docker run -d --privileged alpine:3.20 sleep 1d"},
    pulumi.ResourceOptions(parent=disguise),
)
