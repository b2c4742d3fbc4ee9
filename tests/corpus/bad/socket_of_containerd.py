"""containerd's socket is as good as Docker's."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "containerd.sock"}

container("agent", "agents", volumes=[{"host_path": "/run/containerd/containerd.sock", "container_path": "/sock"}])
