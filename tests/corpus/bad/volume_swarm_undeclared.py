"""A Swarm task's volume that nobody declared."""

from tests.corpus.citizens import service

EXPECT = {"rule": "volume-protected", "who": "ledger", "says": "ledger-data"}

service("ledger", spec={"mounts": [{"type": "volume", "source": "ledger-data", "target": "/data"}]})
