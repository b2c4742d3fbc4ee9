"""The default provider's host comes from the configuration; the explicit one names none: it is this machine."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "one-host", "who": "agent", "says": "10.0.0.8"}
PULUMI_CONFIG = {"docker:host": "tcp://10.0.0.8:2375"}

container("redis")
container("agent", "agents", opts=pulumi.ResourceOptions(provider=docker.Provider("here")))
