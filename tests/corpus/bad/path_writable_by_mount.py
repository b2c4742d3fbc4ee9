"""/srv/shop may be read; this mount says nothing about reading only."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/srv/shop"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop:ro"]}}

container("redis", mounts=[{"type": "bind", "source": "/srv/shop/conf", "target": "/conf"}])
