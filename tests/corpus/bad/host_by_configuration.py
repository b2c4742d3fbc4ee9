"""The stack's configuration names the host of the default provider; one resource has another."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "one-host", "who": "agent", "says": "10.0.0.9"}
PULUMI_CONFIG = {"docker:host": "tcp://10.0.0.8:2375"}

elsewhere = docker.Provider("elsewhere", host="tcp://10.0.0.9:2375")
container("redis")
container("agent", "agents", opts=pulumi.ResourceOptions(provider=elsewhere))
