"""Two databases on one volume destroy it."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-writers", "who": "shop-ledger-data", "says": ["ledger", "reporter"]}

data = volume("ledger-data")
for name in ("ledger", "reporter"):
    container(name, volumes=[{"volume_name": data.name, "container_path": "/data"}])
