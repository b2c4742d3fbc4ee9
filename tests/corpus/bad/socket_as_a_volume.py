"""A declared, protected volume, whose directory is the socket's."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "engine-socket", "who": "data", "says": "/run"}

data = volume("data", driver_opts={"type": "none", "o": "bind", "device": "/var/run"})
container("portainer", volumes=[{"volume_name": data.name, "container_path": "/host-run"}])
