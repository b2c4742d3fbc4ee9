"""The host's root once more: /proc/1/root is a link to it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "portainer", "says": "/run/docker.sock"}

container("portainer", volumes=[{"host_path": "/proc/1/root/run/docker.sock", "container_path": "/sock"}])
