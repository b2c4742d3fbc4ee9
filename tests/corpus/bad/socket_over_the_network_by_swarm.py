"""A Swarm task that is told the engine's address."""

from tests.corpus.citizens import service

EXPECT = {"rule": "engine-socket", "who": "runner", "says": "DOCKER_HOST"}

service("runner", spec={"env": {"DOCKER_HOST": "tcp://10.0.0.1:2375"}})
