"""Not by `networksAdvanced` but by the mode: a container can join any network so."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-links", "who": "agent", "says": "no link allows it"}

container("redis")
container("agent", "agents", network_mode="shop-infrastructure", networks_advanced=None)
