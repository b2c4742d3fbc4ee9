"""The operator allows all of /run; the socket in it is another matter."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "portainer", "says": "/run/docker.sock"}
CONFIG = {"host-paths": {"allowed": ["/run"]}}

container("portainer", volumes=[{"host_path": "/run/docker.sock", "container_path": "/sock"}])
