"""Which way mounts go is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "mount-propagation", "who": "redis", "says": "propagation"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop"]}}

container(
    "redis",
    mounts=[
        {
            "type": "bind",
            "source": "/srv/shop",
            "target": "/shop",
            "read_only": True,
            "bind_options": {"propagation": unknown("rshared")},
        }
    ],
)
