"""The containerd of a Kubernetes on the same host."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "containerd.sock"}

container(
    "agent", "agents", volumes=[{"host_path": "/run/k3s/containerd/containerd.sock", "container_path": "/sock"}]
)
