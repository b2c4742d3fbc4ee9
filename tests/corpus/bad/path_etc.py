"""The host's configuration."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/etc"}

container("redis", volumes=[{"host_path": "/etc", "container_path": "/host-etc", "read_only": True}])
