"""Which network it joins is known only after the update, and no network's resource says."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "pool-links", "who": "agent", "says": "unknown"}

container("redis")
any_network = volume("data").id.apply(lambda _: "shop-infrastructure")
container("agent", "agents", networks_advanced=[{"name": any_network}])
