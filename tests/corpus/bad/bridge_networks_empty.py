"""An empty list of networks is no network."""

from tests.corpus.citizens import container

EXPECT = {"rule": "default-bridge", "who": "redis", "says": "network"}

container("redis", networks_advanced=[])
