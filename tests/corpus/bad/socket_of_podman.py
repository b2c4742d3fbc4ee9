"""Podman's socket, by `mounts`."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "podman.sock"}

container("agent", "agents", mounts=[{"type": "bind", "source": "/run/podman/podman.sock", "target": "/sock"}])
