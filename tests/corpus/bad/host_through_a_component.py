"""A component hands another host's provider down to its children."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "one-host", "who": "agent", "says": "10.0.0.9"}

elsewhere = docker.Provider("elsewhere", host="ssh://root@10.0.0.9")
shop = pulumi.ComponentResource(
    "shop:index:Shop", "shop", None, pulumi.ResourceOptions(providers={"docker": elsewhere})
)
container("redis")
container("agent", "agents", opts=pulumi.ResourceOptions(parent=shop))
