"""A bind by `mounts`."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/root/.ssh"}

container("redis", mounts=[{"type": "bind", "source": "/root/.ssh", "target": "/keys", "read_only": True}])
