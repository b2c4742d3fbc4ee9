"""The same database, from a registry with a port, by digest."""

from tests.corpus.citizens import container

EXPECT = {"rule": "stop-grace", "who": "ledger", "says": "30"}

container(
    "ledger",
    image="registry.example.org:5000/mirror/library/postgres@sha256:" + "ab" * 32,
    destroy_grace_seconds=29,
)
