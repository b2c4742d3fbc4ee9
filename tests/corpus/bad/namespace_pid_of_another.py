"""All processes of another container."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "pidMode"}

container("redis", pid_mode="container:shop-ledger")
