"""No device, and the path stands in the mount's options."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "host-paths", "who": "data", "says": "/etc"}

data = volume(
    "data",
    driver="local",
    driver_opts={"type": "overlay", "device": "overlay", "o": "lowerdir=/etc,upperdir=/tmp/up,workdir=/tmp/work"},
)
container("redis", volumes=[{"volume_name": data.name, "container_path": "/host-etc"}])
