"""The same socket, written so that no text search finds it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "portainer", "says": "portainer"}

container("portainer", volumes=[{"host_path": "//var/./lib/../run//docker.sock/", "container_path": "/sock"}])
