"""Which host is known only after the update."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "one-host", "who": "agent", "says": "unknown"}

elsewhere = docker.Provider("elsewhere", host=unknown("tcp://10.0.0.9:2375"))
container("redis")
container("agent", "agents", opts=pulumi.ResourceOptions(provider=elsewhere))
