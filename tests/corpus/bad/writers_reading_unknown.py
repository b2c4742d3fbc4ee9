"""Whether the second one only reads is known only after the update."""

from tests.corpus.citizens import container, unknown, volume

EXPECT = {"rule": "volume-writers", "who": "reporter", "says": "as ledger does"}

data = volume("ledger-data")
where = {"volume_name": data.name, "container_path": "/data"}
container("ledger", volumes=[where])
container("reporter", volumes=[{**where, "read_only": unknown(True)}])
