"""What a workload is for, where rules treat some more carefully: databases.

Told by the image's name, since labels say only what their author wants; the operator names those it can't tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sutazai_policy import reading
from sutazai_policy.facts import REMOTE_IMAGE, Facts, Workload
from sutazai_policy.replicas import names_of

__all__ = ["image_names", "is_database", "is_named"]

_DATABASE_WORDS = """
    arangodb cassandra chroma chromadb citus cockroach cockroachdb couchbase couchdb crate cratedb db2 dgraph
    documentdb dragonfly dragonflydb elasticsearch etcd eventstore firebird foundationdb greenplum hbase
    immudb influxdb janusgraph keydb kvrocks lancedb mariadb marqo meilisearch memgraph milvus mongo mongod
    mongodb mssql mysql mysqld neo4j opensearch opentsdb oracle orientdb pgvecto pgvector postgis postgres
    postgresql qdrant questdb ravendb redis rethinkdb rqlite scylla scylladb singlestore solr spilo surrealdb
    tarantool tidb tikv timescale timescaledb typesense valkey vectorchord vespa weaviate ydb yugabyte
    yugabytedb
"""
_BEGINNINGS = ("clickhouse", "percona")
# Beside a database's name these make it a program that only talks to one.
_COMPANION_WORDS = """
    adapter admin agent backup benchmark bouncer browser cli client commander connector curator dashboard
    dashboards dump exporter express frontend gui init insight loader metrics migrate migration migrations
    monitor operator pgbouncer pgpool pooler proxy router sidecar toolbox toolkit tools ui web webui
    xtrabackup
"""
_DATABASES = frozenset(_DATABASE_WORDS.split())
_COMPANIONS = frozenset(_COMPANION_WORDS.split())
# A name that says nothing without what it lies in, as in mssql/server.
_PLACEHOLDERS = frozenset({"database", "db", "server"})
_WORD_ENDS = re.compile(r"[-_.]+")


def is_database(workload: Workload, named: Sequence[str], facts: Facts | None = None) -> bool:
    """Whether a workload keeps data: by its image, or named so; `facts` tell what an unknown image is."""
    return is_named(workload, named) or any(_keeps_data(name) for name in image_names(workload, facts))


def is_named(workload: Workload, named: Sequence[str]) -> bool:
    """Whether a list names a workload: it, what it is a replica of, or its service."""
    return not (names_of(workload.name) | {workload.service}).isdisjoint(named)


def image_names(workload: Workload, facts: Facts | None = None) -> Iterator[str]:
    """Return the image as the workload names it, and as the `docker.RemoteImage` does that it comes from."""
    if workload.image.value is not None:
        yield workload.image.value
    if facts is None:
        return
    key = "image" if workload.kind == "container" else "taskSpec"
    for source in facts.sources(workload, key, REMOTE_IMAGE):
        name = reading.text(source.properties, "name").value
        if name is not None:
            yield name


@lru_cache(maxsize=4096)
def _keeps_data(image: str) -> bool:
    *above, last = image.lower().partition("@")[0].split("/")
    last = last.partition(":")[0]
    if last in _PLACEHOLDERS and above:
        last = f"{above[-1]}-{last}"
    words = [word for word in _WORD_ENDS.split(last) if word]
    return any(map(_is_one, words)) and _COMPANIONS.isdisjoint(words)


def _is_one(word: str) -> bool:
    """A version may follow at once, as in `postgres16`."""
    return word in _DATABASES or word.rstrip("0123456789") in _DATABASES or word.startswith(_BEGINNINGS)
