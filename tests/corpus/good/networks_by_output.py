"""Networks by their name's output, by their id's, and by plain name; each pool on its own."""

from tests.corpus.citizens import container, network

container("cache", networks_advanced=[{"name": network("infrastructure").id}])
container("backend", networks_advanced=[{"name": network("infrastructure").name}])
container("search", networks_advanced=[{"name": "shop-infrastructure"}])
container("agent", "agents", networks_advanced=[{"name": network("agents").id}])
