"""A Swarm task with the socket."""

from tests.corpus.citizens import service

EXPECT = {"rule": "engine-socket", "who": "portainer", "says": "/run/docker.sock"}

service(
    "portainer",
    spec={"mounts": [{"type": "bind", "source": "/var/run/docker.sock", "target": "/var/run/docker.sock"}]},
)
