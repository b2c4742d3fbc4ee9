"""An engine's plugin runs as root on the host."""

import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "known-resources", "who": "sshfs", "says": "plugin"}

container("redis")
docker.Plugin("sshfs", name="vieux/sshfs:2.0.0", grant_all_permissions=True)
