"""A volume driver that mounts whatever it likes."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "host-paths", "who": "data", "says": "vieux/sshfs"}

data = volume("data", driver="vieux/sshfs:latest")
container("redis", volumes=[{"volume_name": data.name, "container_path": "/data"}])
