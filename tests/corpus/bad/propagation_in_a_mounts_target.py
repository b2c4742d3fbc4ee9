"""A colon in a mount's target."""

from tests.corpus.citizens import container

EXPECT = {"rule": "mount-propagation", "who": "redis", "says": "/shop:shared"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop"]}}

container("redis", mounts=[{"type": "bind", "source": "/srv/shop", "target": "/shop:shared", "read_only": True}])
