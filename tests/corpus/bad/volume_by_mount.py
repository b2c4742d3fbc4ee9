"""The same volume by another property: `mounts`."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-protected", "who": "ledger-data", "says": "protect"}

data = volume("ledger-data", protect=False)
container("ledger", mounts=[{"type": "volume", "source": data.name, "target": "/data"}])
