"""No mount: the engine by its address."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "DOCKER_HOST"}

container("agent", "agents", envs=["DOCKER_HOST=tcp://172.17.0.1:2375"])
