"""A volume's name that is a path is a bind."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/etc"}

container("redis", volumes=[{"volume_name": "/etc", "container_path": "/host-etc", "read_only": True}])
