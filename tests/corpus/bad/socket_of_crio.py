"""CRI-O's socket, by a volume's name."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "crio.sock"}

container("agent", "agents", volumes=[{"volume_name": "/var/run/crio/crio.sock", "container_path": "/sock"}])
