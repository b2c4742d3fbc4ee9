"""Another container's network, past every network policy."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-namespaces", "who": "agent", "says": "container:shop-redis"}

container("redis")
container("agent", "agents", network_mode="container:shop-redis", networks_advanced=None)
