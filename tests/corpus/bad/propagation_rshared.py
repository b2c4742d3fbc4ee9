"""What it mounts appears on the host."""

from tests.corpus.citizens import container

EXPECT = {"rule": "mount-propagation", "who": "redis", "says": "rshared"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop"]}}

container(
    "redis",
    mounts=[
        {
            "type": "bind",
            "source": "/srv/shop",
            "target": "/shop",
            "read_only": True,
            "bind_options": {"propagation": "rshared"},
        }
    ],
)
