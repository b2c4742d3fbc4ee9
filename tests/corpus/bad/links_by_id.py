"""One joins by the network's name, the other by its id, which the preview doesn't know: one network."""

from tests.corpus.citizens import container, network

EXPECT = {"rule": "pool-links", "who": "agent", "says": "redis"}

container("redis", networks_advanced=[{"name": network("infrastructure").name}])
container("agent", "agents", networks_advanced=[{"name": network("infrastructure").id}])
