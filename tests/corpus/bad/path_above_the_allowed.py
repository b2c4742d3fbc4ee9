"""/srv/shop is allowed, and with /srv comes everything beside it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/srv"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop"]}}

container("redis", volumes=[{"host_path": "/srv", "container_path": "/conf", "read_only": True}])
