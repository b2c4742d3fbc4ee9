"""A container and a Swarm task write one volume."""

from tests.corpus.citizens import container, service, volume

EXPECT = {"rule": "volume-writers", "who": "shop-ledger-data", "says": ["ledger", "reporter"]}

data = volume("ledger-data")
container("ledger", volumes=[{"volume_name": data.name, "container_path": "/data"}])
service("reporter", spec={"mounts": [{"type": "volume", "source": data.name, "target": "/data"}]})
