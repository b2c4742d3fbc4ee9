"""The operator lets the cache's data be lost; this is the ledger's."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-protected", "who": "ledger-data", "says": "protect"}
CONFIG = {"volume-protected": {"unprotected": ["shop-cache-*"]}}

data = volume("ledger-data", protect=False)
container("ledger", volumes=[{"volume_name": data.name, "container_path": "/data"}])
