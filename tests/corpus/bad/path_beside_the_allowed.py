"""/srv/shop is allowed; /srv/shop-secrets only begins like it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/srv/shop-secrets"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop"]}}

container("redis", volumes=[{"host_path": "/srv/shop-secrets", "container_path": "/conf", "read_only": True}])
