"""PostgreSQL gets ten seconds to write down what it holds; 30 is what it takes."""

from tests.corpus.citizens import container

EXPECT = {"rule": "stop-grace", "who": "ledger", "says": "30"}

container("ledger", image="postgres:16.4", destroy_grace_seconds=10)
