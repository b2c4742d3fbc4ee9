"""Its shared memory is anybody's who asks."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "shareable"}

container("redis", ipc_mode="shareable")
