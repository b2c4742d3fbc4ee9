"""Two replicas of a Swarm service are two writers."""

from tests.corpus.citizens import service, volume

EXPECT = {"rule": "volume-writers", "who": "shop-ledger-data", "says": "ledger"}

data = volume("ledger-data")
service("ledger", replicas=2, spec={"mounts": [{"type": "volume", "source": data.name, "target": "/data"}]})
