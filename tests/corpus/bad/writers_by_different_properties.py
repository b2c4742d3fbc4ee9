"""One mounts it by `volumes`, the other by `mounts`, by its plain name."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-writers", "who": "shop-ledger-data", "says": ["ledger", "reporter"]}

data = volume("ledger-data")
container("ledger", volumes=[{"volume_name": data.name, "container_path": "/data"}])
container("reporter", mounts=[{"type": "volume", "source": "shop-ledger-data", "target": "/data"}])
