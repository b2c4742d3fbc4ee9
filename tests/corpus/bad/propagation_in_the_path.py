"""The provider joins paths with a colon, and Docker reads what follows the second one as options."""

from tests.corpus.citizens import container

EXPECT = {"rule": "mount-propagation", "who": "redis", "says": "/shop:rshared"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop"]}}

container("redis", volumes=[{"host_path": "/srv/shop", "container_path": "/shop:rshared"}])
