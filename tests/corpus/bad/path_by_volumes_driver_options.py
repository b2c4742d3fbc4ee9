"""A protected volume, all as it should be, but it is a directory of the host."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "host-paths", "who": "data", "says": "/etc"}

data = volume("data", driver="local", driver_opts={"type": "none", "o": "bind", "device": "/etc"})
container("redis", volumes=[{"volume_name": data.name, "container_path": "/host-etc"}])
