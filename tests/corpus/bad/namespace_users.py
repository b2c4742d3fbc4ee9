"""No user namespace, where the engine has one."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "usernsMode"}

container("redis", userns_mode="host")
