"""/srv/shop may be read; whether this mount only reads is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "host-paths", "who": "redis", "says": "writable"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop:ro"]}}

container("redis", volumes=[{"host_path": "/srv/shop", "container_path": "/conf", "read_only": unknown(True)}])
