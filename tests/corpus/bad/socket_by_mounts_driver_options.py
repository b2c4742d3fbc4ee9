"""A mount of a volume, whose directory is the socket's."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "engine-socket", "who": "portainer", "says": "/run"}

data = volume("data")
container(
    "portainer",
    mounts=[
        {
            "type": "volume",
            "source": data.name,
            "target": "/host-run",
            "volume_options": {"driver_options": {"type": "none", "o": "rbind", "device": "/run"}},
        }
    ],
)
