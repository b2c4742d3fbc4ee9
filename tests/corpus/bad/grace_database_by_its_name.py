"""The operator named it a database, whatever its image is called."""

from tests.corpus.citizens import container

EXPECT = {"rule": "stop-grace", "who": "ledger", "says": "30"}
CONFIG = {"stop-grace": {"databases": ["ledger"]}}

container("ledger", destroy_grace_seconds=10)
