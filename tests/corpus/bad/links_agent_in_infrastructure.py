"""An agent joins infrastructure's network, where the databases are."""

from tests.corpus.citizens import container, network

EXPECT = {"rule": "pool-links", "who": "agent", "says": "no link allows it"}

container("redis")
container("agent", "agents", networks_advanced=[{"name": network("infrastructure").name}])
