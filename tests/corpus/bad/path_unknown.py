"""Which path is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "host-paths", "who": "redis", "says": "unknown"}

container("redis", volumes=[{"host_path": unknown("/etc"), "container_path": "/conf", "read_only": True}])
