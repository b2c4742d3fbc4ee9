"""The path is a secret of Pulumi's, and a path none the less."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "agent"}

path = pulumi.Output.secret("/var/run/docker.sock")
container("agent", "agents", volumes=[{"host_path": path, "container_path": "/sock"}])
