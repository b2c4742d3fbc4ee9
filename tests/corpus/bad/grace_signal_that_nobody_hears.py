"""A database gets its thirty seconds, and a signal that ends it at once."""

from tests.corpus.citizens import container

EXPECT = {"rule": "stop-grace", "who": "ledger", "says": "stopSignal"}

container("ledger", image="postgres:16.4", stop_signal="SIGKILL")
