"""/srv/shop may be read."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/srv/shop"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop:ro"]}}

container("redis", volumes=[{"host_path": "/srv/shop/conf", "container_path": "/conf"}])
