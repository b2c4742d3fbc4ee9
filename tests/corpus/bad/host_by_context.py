"""The host is the same, but the provider has a context, which wins over it."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "one-host", "who": "agent", "says": "context"}

elsewhere = docker.Provider("elsewhere", context="rack-two")
container("redis")
container("agent", "agents", opts=pulumi.ResourceOptions(provider=elsewhere))
