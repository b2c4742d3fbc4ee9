"""No network and a network."""

from tests.corpus.citizens import container

EXPECT = {"rule": "network-mode", "who": "redis", "says": "none"}

container("redis", network_mode="none")
