"""The host's shared memory."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "ipcMode"}

container("redis", ipc_mode="host")
