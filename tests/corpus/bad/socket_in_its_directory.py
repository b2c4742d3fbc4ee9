"""Not the socket, only the directory that it is in."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "/run"}
CONFIG = {"host-paths": {"allowed": ["/var/run"]}}

container("agent", "agents", volumes=[{"host_path": "/var/run", "container_path": "/host-run", "read_only": True}])
