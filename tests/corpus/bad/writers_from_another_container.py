"""All volumes of another container, whatever they are, writable."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-writers", "who": "reporter", "says": "fromContainer"}

data = volume("ledger-data")
container("ledger", volumes=[{"volume_name": data.name, "container_path": "/data"}])
container("reporter", volumes=[{"from_container": "shop-ledger"}])
