"""A socket that is mounted read-only can be written to all the same."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "portainer", "says": "/run/docker.sock"}

container("portainer", volumes=[{"host_path": "/run/docker.sock", "container_path": "/sock", "read_only": True}])
