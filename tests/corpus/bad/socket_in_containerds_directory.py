"""The directory of containerd's socket."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "/run/containerd"}

container("agent", "agents", volumes=[{"host_path": "/run/containerd", "container_path": "/sock"}])
