"""The socket of a user's own engine."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "docker.sock"}

container("agent", "agents", volumes=[{"host_path": "/run/user/1000/docker.sock", "container_path": "/sock"}])
