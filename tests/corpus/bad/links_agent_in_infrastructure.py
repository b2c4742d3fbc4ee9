"""An agent joins infrastructure's network, where the databases are."""

from tests.corpus.citizens import container, network

EXPECT = {"rule": "pool-links", "who": "agent", "says": "shop-infrastructure"}

container("redis")
container("agent", "agents", networks_advanced=[{"name": network("infrastructure").name}])
