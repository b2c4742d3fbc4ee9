"""Podman's clients have another variable for the engine's address."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "CONTAINER_HOST"}

container("agent", "agents", envs=["CONTAINER_HOST=tcp://10.0.0.1:8888"])
