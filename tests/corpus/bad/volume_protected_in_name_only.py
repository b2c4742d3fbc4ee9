"""A protected volume is declared, and another one is mounted that is called as the resource is."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-protected", "who": "ledger", "says": "ledger-data"}

volume("ledger-data")  # its name in Docker is shop-ledger-data
container("ledger", volumes=[{"volume_name": "ledger-data", "container_path": "/data"}])
