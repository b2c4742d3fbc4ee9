"""A volume in a Swarm task that is a directory of the host."""

from tests.corpus.citizens import service, volume

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/root"}

data = volume("data")
service(
    "redis",
    spec={
        "mounts": [
            {
                "type": "volume",
                "source": data.name,
                "target": "/data",
                "volume_options": {
                    "driver_name": "local",
                    "driver_options": {"type": "none", "o": "bind", "device": "/root"},
                },
            }
        ]
    },
)
