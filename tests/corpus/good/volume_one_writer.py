"""One writes, two read, and the volume is protected."""

from tests.corpus.citizens import container, volume

data = volume("ledger-data")
where = {"volume_name": data.name, "container_path": "/data"}
container("ledger", image="postgres:16.4", volumes=[where])
container("reporter", volumes=[{**where, "read_only": True}])
container("exporter", mounts=[{"type": "volume", "source": data.name, "target": "/data", "read_only": True}])
