"""The same driver, named in the mount."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "host-paths", "who": "redis", "says": "rexray"}

data = volume("data")
container(
    "redis",
    mounts=[
        {"type": "volume", "source": data.name, "target": "/data", "volume_options": {"driver_name": "rexray/ebs"}}
    ],
)
