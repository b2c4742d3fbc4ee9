"""The host's root: the socket is in there, too."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "exporter", "says": "/"}
CONFIG = {"host-paths": {"allowed": ["/:ro"]}}

container("exporter", volumes=[{"host_path": "/", "container_path": "/rootfs", "read_only": True}])
