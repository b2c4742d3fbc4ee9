"""The same, with the network's name written out."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-links", "who": "agent", "says": "no link allows it"}

container("redis")
container("agent", "agents", networks_advanced=[{"name": "shop-infrastructure"}])
