"""The same, below a component of the shop's own."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "known-resources", "who": "starter", "says": "command"}

container("redis")
shop = pulumi.ComponentResource("shop:index:Shop", "shop")
pulumi.CustomResource(
    "command:remote:Command",
    "starter",
    {"create": "docker run -d --privileged alpine:3.20 sleep 1d"},
    pulumi.ResourceOptions(parent=shop),
)
