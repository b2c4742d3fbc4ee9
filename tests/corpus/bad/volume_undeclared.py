"""Docker makes the volume on the way, and nobody protects it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "volume-protected", "who": "ledger", "says": "ledger-data"}

container("ledger", volumes=[{"volume_name": "ledger-data", "container_path": "/data"}])
