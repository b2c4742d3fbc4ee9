"""A mount of a volume, and the volume is a directory of the host."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "host-paths", "who": "redis", "says": "/etc"}

data = volume("data")
container(
    "redis",
    mounts=[
        {
            "type": "volume",
            "source": data.name,
            "target": "/host-etc",
            "read_only": True,
            "volume_options": {
                "driver_name": "local",
                "driver_options": {"type": "none", "o": "bind", "device": "/etc"},
            },
        }
    ],
)
