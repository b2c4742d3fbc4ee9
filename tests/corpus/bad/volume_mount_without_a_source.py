"""A mount of type volume without a source is an anonymous volume."""

from tests.corpus.citizens import container

EXPECT = {"rule": "volume-protected", "who": "ledger", "says": "/data"}

container("ledger", mounts=[{"type": "volume", "target": "/data"}])
