"""A `pulumi destroy`, or a renamed resource, would take the database's data with it."""

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-protected", "who": "ledger-data", "says": "protect"}

data = volume("ledger-data", protect=False)
container(
    "ledger",
    image="postgres:16.4",
    volumes=[{"volume_name": data.name, "container_path": "/var/lib/postgresql/data"}],
)
