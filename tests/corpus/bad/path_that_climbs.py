"""/srv/shop is allowed, and the path leaves it again."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/etc"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop"]}}

container("redis", volumes=[{"host_path": "/srv/shop/../../etc", "container_path": "/conf", "read_only": True}])
