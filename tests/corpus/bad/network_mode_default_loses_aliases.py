"""With the mode `default` the engine attaches it elsewhere first, and the alias is lost."""

from tests.corpus.citizens import container

EXPECT = {"rule": "network-mode", "who": "redis", "says": "default"}

container("redis", network_mode="default")
