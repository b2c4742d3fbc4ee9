"""The same in a Swarm task."""

from tests.corpus.citizens import service

EXPECT = {"rule": "mount-propagation", "who": "redis", "says": "shared"}
CONFIG = {"host-paths": {"allowed": ["/srv/shop"]}}

service(
    "redis",
    spec={
        "mounts": [
            {
                "type": "bind",
                "source": "/srv/shop",
                "target": "/shop",
                "read_only": True,
                "bind_options": {"propagation": "shared"},
            }
        ]
    },
)
