"""The engine's address is a secret of Pulumi's."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "DOCKER_HOST"}

container("agent", "agents", envs=[pulumi.Output.secret("DOCKER_HOST=tcp://10.0.0.1:2375")])
