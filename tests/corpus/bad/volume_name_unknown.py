"""Which volume it writes is known only after the update."""

from tests.corpus.citizens import container, unknown, volume

EXPECT = {"rule": "volume-protected", "who": "ledger", "says": "unknown"}

volume("ledger-data")
container("ledger", volumes=[{"volume_name": unknown("other-data"), "container_path": "/data"}])
