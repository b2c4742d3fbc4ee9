"""A database is told by its image's name, by what that comes from, or by the operator."""

from __future__ import annotations

import pytest
from sutazai_policy.facts import Workload, read_facts
from sutazai_policy.roles import is_database

from tests.policy.stacks import REMOTE_IMAGE, SERVICE, UNKNOWN, Secret, Stack, container, service

_DATABASES = """
    postgres postgresql postgis pgvector timescaledb mysql mariadb percona mongo mongodb redis valkey keydb
    neo4j cassandra scylla clickhouse clickhouse-server elasticsearch opensearch influxdb couchdb cockroach
    etcd qdrant chroma weaviate milvus postgres16 postgresql-96-centos7 redis-stack-server postgresql_repmgr
    timescaledb-ha percona-server-mongodb redis.cluster db2 oracle-free Postgres mongodb-community-server
    --redis
"""
_OTHERS = """
    debian nginx haproxy ollama grafana postgres-exporter redis_exporter mysqld-exporter mongodb_exporter
    clickhouse-exporter percona-toolkit pgbouncer postgres-pgbouncer postgres-pooler pgpool postgresql-pgpool
    proxysql mysql-router redis-proxy mongo-express opensearch-dashboards redis-insight postgres-backup-s3
    etcd-operator neo4j-browser mysql-client postgrest predis redisearch2go sha256:postgres
"""


def _workload(name: str = "app", image: object = "debian:12.8") -> Workload:
    (found,) = read_facts(Stack().add(name, container("4", 2, 6, 6, image=image)).resources()).containers
    return found


@pytest.mark.parametrize(
    "name",
    _DATABASES.split(),
)
def test_a_databases_image_is_known_by_its_name(name: str) -> None:
    for image in (
        name,
        f"{name}:16.2",
        f"reg.example:5000/library/{name}:1@sha256:{'a' * 64}",
        f"x/{name}@sha256:b",
    ):
        assert is_database(_workload(image=image), []), image


@pytest.mark.parametrize(
    "name",
    _OTHERS.split(),
)
def test_what_only_talks_to_a_database_is_none(name: str) -> None:
    for image in (name, f"library/{name}:16.2", f"postgres/{name}", f"redis:5000/{name}@sha256:postgres"):
        assert not is_database(_workload(image=image), []), image


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("mcr.microsoft.com/mssql/server:2022", True),
        ("corp/postgres/db", True),
        ("corp/redis/database:1", True),
        ("corp/web/server", False),
        ("server", False),
        ("postgres/app", False),
    ],
)
def test_a_name_that_says_nothing_takes_the_one_above_it(image: str, expected: bool) -> None:
    assert is_database(_workload(image=image), []) is expected


def test_a_secret_image_is_read_like_any_other() -> None:
    assert is_database(_workload(image=Secret("postgres:16.2")), [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("store", True), ("store-2", True), ("store-1234", True), ("store-12345", False), ("store-x", False),
     ("restore", False), ("stores", False)],
)  # fmt: skip
def test_whatever_is_named_is_one_and_so_are_its_replicas(name: str, expected: bool) -> None:
    assert is_database(_workload(name), ["other", "store"]) is expected


def test_a_name_may_be_that_of_the_service_label() -> None:
    stack = Stack().add("a", container("4", 2, 6, 6)).relabel("a", service="store")
    (found,) = read_facts(stack.resources()).containers

    assert is_database(found, ["store"])
    assert is_database(found, ["a"])
    assert not is_database(found, ["debian"])


@pytest.mark.parametrize("image", [UNKNOWN, "sha256:" + "a" * 64])
def test_an_image_of_another_name_is_what_it_comes_from(image: object) -> None:
    source = Stack().add("img", {"name": "postgres:16.2"}, REMOTE_IMAGE).urn("img", REMOTE_IMAGE)
    depends = {"image": [source]}
    stack = (
        Stack()
        .add("img", {"name": "postgres:16.2"}, REMOTE_IMAGE)
        .add("odd", {"name": UNKNOWN}, REMOTE_IMAGE)
        .add("store", container("4", 2, 6, 6, image=image), depends=depends)
        .add("other", container("4", 2, 6, 6, image=image), depends={"envs": [source]})
        .add("unsure", container("4", 2, 6, 6, image=image), depends={"image": [Stack().urn("odd", REMOTE_IMAGE)]})
    )
    facts = read_facts(stack.resources())

    assert {one.name: is_database(one, [], facts) for one in facts.containers} == {
        "store": True,
        "other": False,
        "unsure": False,
    }
    assert not any(is_database(one, []) for one in facts.containers)


def test_a_services_image_comes_from_what_its_task_depends_on() -> None:
    worker = service(1, 10**9, 2**28)
    worker["taskSpec"]["containerSpec"]["image"] = UNKNOWN
    stack = Stack().add("img", {"name": "redis:7.2"}, REMOTE_IMAGE)
    stack.add("worker", worker, SERVICE, depends={"taskSpec": [stack.urn("img", REMOTE_IMAGE)]})
    facts = read_facts(stack.resources())

    assert is_database(facts.services[0], [], facts)
    assert not is_database(facts.services[0], [])


def test_an_image_that_is_none_is_no_database() -> None:
    for image in (UNKNOWN, None, "", 5, ["postgres"], "/", ":", "@"):
        assert not is_database(_workload(image=image), [])
