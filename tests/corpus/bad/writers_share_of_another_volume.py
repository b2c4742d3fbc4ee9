"""The uploads are declared shared; the ledger's data isn't."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-writers", "who": "shop-ledger-data", "says": "ledger"}
CONFIG = {"volume-writers": {"shared": ["shop-uploads"]}}

data = volume("ledger-data")
for name in ("ledger", "reporter"):
    container(name, volumes=[{"volume_name": data.name, "container_path": "/data"}])
