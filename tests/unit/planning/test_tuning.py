"""Settings from limits: the reference host's values, and that they are sane on any host."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.service import Service
from sutazai_infra.planning.tuning import RULES, substituted, substituted_secrets, tuned

MEMORY = st.integers(64, 65536)
CORES = st.floats(0.05, 64)
SERVICES = st.integers(1, 1000)


def _service(**more: Any) -> Service:
    return Service.parsed(
        "sample",
        {
            "name": "api",
            "kind": "tool",
            "pool": "tools",
            "priority": "low",
            "image": "any",
            "requests": {"cpu": 0, "memory": "64Mi"},
            "limits": {"cpu": 1, "memory": "128Mi"},
            **more,
        },
    )


def _number(text: str) -> int:
    return int(re.sub(r"[A-Za-z]+$", "", text))


@pytest.mark.parametrize(
    ("rule", "memory", "cores", "expected"),
    [
        (
            "postgres",
            2048,
            2,
            {
                "shared_buffers": "512MB",
                "effective_cache_size": "1024MB",
                "max_connections": "50",
                "work_mem": "10485kB",
                "maintenance_work_mem": "128MB",
                "autovacuum_work_mem": "32MB",
                "max_worker_processes": "2",
                "max_parallel_workers": "2",
            },
        ),
        (
            "pgbouncer",
            2048,
            2,
            {
                "pool_mode": "transaction",
                "default_pool_size": "20",
                "reserve_pool_size": "20",
                "max_db_connections": "40",
                "max_client_conn": "400",
                "max_prepared_statements": "200",
            },
        ),
        ("redis-broker", 512, 1, {"maxmemory": "384mb", "maxmemory_policy": "noeviction", "io_threads": "1"}),
        ("redis-cache", 512, 4, {"maxmemory": "384mb", "maxmemory_policy": "allkeys-lru", "io_threads": "4"}),
        (
            "ollama",
            8192,
            4,
            {
                "max_loaded_models": "2",
                "num_parallel": "2",
                "num_thread": "4",
                "context_length": "4096",
                "keep_alive": "5m",
                "max_queue": "100",
                "kv_cache_type": "q8_0",
            },
        ),
        ("neo4j", 2048, 2, {"heap": "1024m", "pagecache": "512m", "transaction_total_max": "256m"}),
        ("chromadb", 2048, 1, {"max_vectors_1024d": "245000"}),
        ("chromadb", 512, 1, {"max_vectors_1024d": "0"}),
        (
            "qdrant",
            1024,
            1,
            {
                "max_search_threads": "1",
                "max_indexing_threads": "1",
                "max_workers": "1",
                "optimizer_cpu_budget": "1",
                "memmap_threshold_kb": "20000",
            },
        ),
        ("go", 1024, 0.25, {"gomemlimit": "921MiB", "gomaxprocs": "1"}),
        ("go", 1024, 1.5, {"gomemlimit": "921MiB", "gomaxprocs": "2"}),
        ("rabbitmq", 2048, 2, {"vm_memory_high_watermark": "1228MiB"}),
        ("envoy", 512, 1, {"max_heap_size_bytes": "429496729", "concurrency": "1"}),
        ("pytorch", 4096, 2, {"omp_num_threads": "2", "mkl_num_threads": "2"}),
        (
            "tensorflow",
            4096,
            2,
            {"tf_num_intraop_threads": "2", "tf_num_interop_threads": "1", "omp_num_threads": "2"},
        ),
        ("jax", 4096, 2, {"pjrt_nproc": "2", "nproc": "2"}),
        ("python", 256, 0.5, {"malloc_arena_max": "2", "uvicorn_workers": "1"}),
        ("prometheus", 1024, 1, {"retention_time": "15d", "retention_size": "8GB", "query_max_concurrency": "4"}),
    ],
)
def test_a_rule_gives_the_reference_values(rule: str, memory: int, cores: float, expected: dict[str, str]) -> None:
    assert tuned(rule, memory_mib=memory, cores=cores) == expected


@given(MEMORY, CORES)
def test_postgres_stays_within_its_limit_when_every_connection_takes_its_work_mem(
    memory: int, cores: float
) -> None:
    values = {name: _number(text) for name, text in tuned("postgres", memory_mib=memory, cores=cores).items()}
    work = values["max_connections"] * values["work_mem"] / 1024
    maintenance = values["maintenance_work_mem"] + 3 * values["autovacuum_work_mem"]
    assert values["shared_buffers"] + work + maintenance <= 0.65 * memory
    assert values["work_mem"] >= 64
    assert values["max_connections"] > 3


@given(st.integers(512, 65536), CORES)
def test_postgres_has_10_mib_for_each_connection_besides(memory: int, cores: float) -> None:
    values = {name: _number(text) for name, text in tuned("postgres", memory_mib=memory, cores=cores).items()}
    assert 10 * values["max_connections"] <= 0.36 * memory


@given(MEMORY, CORES, SERVICES)
def test_the_pooler_never_opens_more_than_the_database_accepts(memory: int, cores: float, services: int) -> None:
    limits: dict[str, Any] = {"memory_mib": memory, "cores": cores, "services": services}
    database, pooler = tuned("postgres", **limits), tuned("pgbouncer", **limits)
    pools = int(pooler["default_pool_size"]) + int(pooler["reserve_pool_size"])
    assert pools == int(pooler["max_db_connections"]) == int(database["max_connections"]) - 10
    assert int(pooler["max_client_conn"]) == 5 * services


@given(MEMORY, CORES)
def test_redis_leaves_a_quarter_for_its_rewrites(memory: int, cores: float) -> None:
    assert _number(tuned("redis-broker", memory_mib=memory, cores=cores)["maxmemory"]) <= 0.75 * memory


@given(MEMORY, CORES)
def test_neo4j_leaves_a_quarter_for_the_jvm(memory: int, cores: float) -> None:
    values = tuned("neo4j", memory_mib=memory, cores=cores)
    assert _number(values["heap"]) + _number(values["pagecache"]) <= 0.75 * memory


@given(st.sampled_from(sorted(RULES)), MEMORY, CORES, SERVICES)
def test_no_rule_gives_a_negative_empty_or_absurd_value(
    rule: str, memory: int, cores: float, services: int
) -> None:
    for name, text in tuned(rule, memory_mib=memory, cores=cores, services=services).items():
        assert text, name
        if re.fullmatch(r"-?\d+", text) and "thread" in name:
            assert 1 <= int(text) <= max(1, cores), name
        if re.match(r"-?\d", text):
            assert _number(text) >= (0 if name in {"max_vectors_1024d", "memmap_threshold_kb"} else 1), name


@given(st.sampled_from(sorted(RULES)), MEMORY, CORES)
def test_a_larger_limit_never_gives_less(rule: str, memory: int, cores: float) -> None:
    smaller = tuned(rule, memory_mib=memory, cores=cores)
    larger = tuned(rule, memory_mib=2 * memory, cores=cores)
    shrinking = {"work_mem", "memmap_threshold_kb"}
    for name in (name for name in smaller if re.match(r"\d", smaller[name]) and name not in shrinking):
        assert _number(larger[name]) >= _number(smaller[name]), name


def test_an_unknown_rule_is_refused_with_the_likely_one() -> None:
    with pytest.raises(ConfigError) as refused:
        tuned("postgress", memory_mib=64, cores=1)
    assert str(refused.value) == (
        "catalogue: tuning: there is no rule 'postgress' (did you mean 'postgres'?); rules: "
        "chromadb, envoy, go, jax, neo4j, ollama, pgbouncer, postgres, prometheus, python, pytorch, qdrant, "
        "rabbitmq, redis-broker, redis-cache, tensorflow"
    )


def test_values_go_into_command_and_environment() -> None:
    service = _service(command=["run", "--threads=${threads}"], env={"MEMORY": "${memory}MB", "PLAIN": "1"})
    assert substituted(service, {"threads": "2", "memory": "64"}) == (
        ("run", "--threads=2"),
        {"MEMORY": "64MB", "PLAIN": "1"},
    )


def test_a_doubled_dollar_sign_is_one() -> None:
    service = _service(env={"PRICE": "5$$"})
    assert substituted(service, {})[1] == {"PRICE": "5$"}


def test_a_service_knows_its_own_name_and_identity_unless_it_is_told_another() -> None:
    service = _service(
        env={"NAME": "${instance}", "ROLE": "${agent_role}"}, agent={"type": "testing", "role": "reads"}
    )
    assert substituted(service, {})[1] == {"NAME": "api", "ROLE": "reads"}
    assert substituted(service, {"instance": "api-2"})[1]["NAME"] == "api-2"


def test_an_unknown_placeholder_is_refused_with_service_and_known_values() -> None:
    service = _service(env={"THREADS": "${thraeds}"})
    with pytest.raises(ConfigError) as refused:
        substituted(service, {"threads": "2"})
    assert str(refused.value) == (
        "catalogue: services/api/env/THREADS: there is no value ${thraeds}; known values: instance, threads"
    )


def test_a_dollar_sign_that_begins_nothing_is_refused_with_the_way_out() -> None:
    service = _service(command=["sh", "-c", "echo $(date)"])
    with pytest.raises(ConfigError) as refused:
        substituted(service, {})
    assert str(refused.value) == (
        "catalogue: services/api/command: 'echo $(date)' has a $ that begins no ${name}; "
        "write $$ for a dollar sign"
    )


def test_secret_files_get_their_values_and_keep_the_names_of_secrets() -> None:
    content = "pass = ${the-password}\nlimit = ${memory_limit}\nprice = $$5\n"
    service = _service(secrets=[{"path": "/run/secrets/conf", "content": content}])
    (file,) = substituted_secrets(service, {"memory_limit": "64MiB"})
    assert file.content == "pass = ${the-password}\nlimit = 64MiB\nprice = $$5\n"


def test_an_unknown_value_in_a_secret_file_is_refused_with_its_path() -> None:
    service = _service(secrets=[{"path": "/run/secrets/conf", "content": "${memory_limit}"}])
    with pytest.raises(ConfigError) as refused:
        substituted_secrets(service, {})
    assert str(refused.value) == (
        "catalogue: services/api/secrets/run/secrets/conf: there is no value ${memory_limit}; known values: none"
    )
