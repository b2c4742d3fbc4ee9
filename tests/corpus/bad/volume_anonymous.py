"""A volume without a name: its data is lost when the container is replaced."""

from tests.corpus.citizens import container

EXPECT = {"rule": "volume-protected", "who": "ledger", "says": "/data"}

container("ledger", volumes=[{"container_path": "/data"}])
