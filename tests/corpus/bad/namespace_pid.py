"""All processes of the host."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "pidMode"}

container("redis", pid_mode="host")
