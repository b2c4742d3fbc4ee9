"""A bind in a Swarm task."""

from tests.corpus.citizens import service

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/etc"}

service("redis", spec={"mounts": [{"type": "bind", "source": "/etc", "target": "/host-etc", "read_only": True}]})
