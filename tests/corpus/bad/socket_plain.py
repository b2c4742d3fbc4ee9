"""Who has the engine's socket has the host."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "portainer", "says": "/run/docker.sock"}

container("portainer", volumes=[{"host_path": "/var/run/docker.sock", "container_path": "/var/run/docker.sock"}])
