"""What the operator allows: one directory to be read, one to be written."""

from tests.corpus.citizens import container

CONFIG = {"host-paths": {"allowed": ["/srv/shop/conf:ro", "/srv/shop/exports"]}}

container(
    "backend",
    volumes=[
        {"host_path": "/srv/shop/conf/backend", "container_path": "/conf", "read_only": True},
        {"host_path": "/srv/shop/exports", "container_path": "/exports"},
    ],
)
container("reporter", mounts=[{"type": "bind", "source": "/srv/shop/conf", "target": "/conf", "read_only": True}])
