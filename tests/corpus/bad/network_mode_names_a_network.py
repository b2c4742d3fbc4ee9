"""The network's name as the mode, beside the network itself."""

from tests.corpus.citizens import container

EXPECT = {"rule": "network-mode", "who": "redis", "says": "shop-infrastructure"}

container("redis", network_mode="shop-infrastructure")
