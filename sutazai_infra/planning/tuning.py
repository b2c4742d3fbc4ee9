"""Settings that follow from limits, so that one number is changed in one place.

A rule turns a memory limit (MiB) and an effective CPU limit (cores: the smaller of the declared limit and the core
set) into values for `${name}` in a service's command, environment and secret files. Rules are sized so that a
service's worst case stays within its limit: the kernel's way of enforcing it is to kill.

Deliberately without state or look-ups: the same limits always give the same settings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from math import ceil
from string import Template

from sutazai_infra.model.errors import ConfigError
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.service import SecretFile, Service

__all__ = ["RULES", "substituted", "substituted_secrets", "tuned", "tuned_in"]

REFERENCE_SERVICES = 80
_OWN_CONNECTIONS = 10
_STEP = 40
_SETTING = re.compile(r"\$\{([a-z][a-z0-9]*_[a-z0-9_]*)\}")
Rule = Callable[[int, float, int], Mapping[str, object]]


def tuned(rule: str, *, memory_mib: int, cores: float, services: int = REFERENCE_SERVICES) -> dict[str, str]:
    """Return the values of a rule; `services` is how many there are in the stack. Raises `ConfigError`."""
    if rule not in RULES:
        close = get_close_matches(rule, RULES, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise ConfigError("catalogue", [f"tuning: there is no rule {rule!r}{hint}; rules: {', '.join(RULES)}"])
    return {name: str(value) for name, value in RULES[rule](memory_mib, cores, services).items()}


def tuned_in(plan: Plan, service: Service, replica: int = 1) -> dict[str, str]:
    """Return a planned service's values, from its own limits or those of the service that it is `tuned_by`."""
    if service.tuning is None:
        return {}
    name, number = (service.name, replica) if service.tuned_by is None else (service.tuned_by, 1)
    source = next(row for row in plan.residents if (row.name, row.replica) == (name, number))
    # In steps: one agent more must not change the pooler's configuration, and so drop every connection.
    services = _STEP * ceil(len(plan.residents) / _STEP)
    return tuned(service.tuning, memory_mib=source.memory_limit_mib, cores=source.cpu_limit, services=services)


def substituted(service: Service, values: Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Fill `values` into command and environment; `$$` is a dollar sign. Raises `ConfigError`.

    `instance`, `agent_type` and `agent_role` are known without being given.
    """
    known = {**_identity(service), **values}
    command = tuple(_filled(f"{service.name}/command", part, known) for part in service.command)
    env = {key: _filled(f"{service.name}/env/{key}", text, known) for key, text in service.env.items()}
    return command, env


def substituted_secrets(service: Service, values: Mapping[str, str]) -> tuple[SecretFile, ...]:
    """Fill `values` into secret files and leave `${secret-name}` and `$$` for whoever holds the secrets.

    The two are told apart by their names: values have underscores, secrets dashes. Raises `ConfigError`.
    """
    return tuple(
        secret.model_copy(
            update={"content": _settings_filled(f"{service.name}/secrets{secret.path}", secret.content, values)}
        )
        for secret in service.secrets
    )


def _identity(service: Service) -> dict[str, str]:
    agent = {} if service.agent is None else {"agent_type": service.agent.type, "agent_role": service.agent.role}
    return {"instance": service.name, **agent}


def _filled(where: str, text: str, values: Mapping[str, str]) -> str:
    try:
        return Template(text).substitute(values)
    except KeyError as error:
        raise _unknown(where, error.args[0], values) from None
    except ValueError:
        problem = f"services/{where}: {text!r} has a $ that begins no ${{name}}; write $$ for a dollar sign"
        raise ConfigError("catalogue", [problem]) from None


def _settings_filled(where: str, text: str, values: Mapping[str, str]) -> str:
    unknown = sorted(set(_SETTING.findall(text)) - set(values))
    if unknown:
        raise _unknown(where, unknown[0], values)
    return _SETTING.sub(lambda match: values[match[1]], text)


def _unknown(where: str, name: str, values: Mapping[str, str]) -> ConfigError:
    return ConfigError(
        "catalogue",
        [f"services/{where}: there is no value ${{{name}}}; known values: {', '.join(sorted(values)) or 'none'}"],
    )


def _threads(cores: float) -> int:
    return max(1, int(cores))


def _connections(memory_mib: int, cores: float) -> int:
    """Count what PostgreSQL accepts from the pooler: a pool of 10 a core and its reserve of as many.

    A connection takes some 10 MB of its own beside work_mem, and 35 % of the limit is what is left for them.
    """
    affordable = memory_mib * 35 // 1000 - _OWN_CONNECTIONS
    return max(4, min(2 * int(10 * cores), affordable))


def _postgres(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    # 10 more than the pooler's, for the exporter, back-ups, a person, and the three that superusers reserve.
    connections = _connections(memory_mib, cores) + _OWN_CONNECTIONS
    workers = max(2, int(cores))
    return {
        "shared_buffers": f"{memory_mib // 4}MB",
        "effective_cache_size": f"{memory_mib // 2}MB",
        "max_connections": connections,
        "work_mem": f"{memory_mib * 1024 // 4 // connections}kB",
        "maintenance_work_mem": f"{max(1, memory_mib // 16)}MB",
        # Three autovacuum workers would else take maintenance_work_mem each.
        "autovacuum_work_mem": f"{max(1, memory_mib // 64)}MB",
        "max_worker_processes": workers,
        "max_parallel_workers": workers,
    }


def _pgbouncer(memory_mib: int, cores: float, services: int) -> Mapping[str, object]:
    """Size the pool from the database's limits, not the pooler's own."""
    connections = _connections(memory_mib, cores)
    return {
        "pool_mode": "transaction",
        "default_pool_size": connections - connections // 2,
        "reserve_pool_size": connections // 2,
        "max_db_connections": connections,
        "max_client_conn": 5 * max(1, services),
        "max_prepared_statements": 200,
    }


def _redis(memory_mib: int, cores: float, policy: str) -> Mapping[str, object]:
    # A quarter stays for what copies on write while the append-only file is rewritten.
    threads = min(8, int(cores)) if cores > 1 else 1
    return {"maxmemory": f"{memory_mib * 3 // 4}mb", "maxmemory_policy": policy, "io_threads": threads}


def _ollama(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    return {
        "max_loaded_models": max(1, memory_mib // 4096),
        "num_parallel": max(1, int(cores / 2)),
        "num_thread": _threads(cores),
        "context_length": 4096,
        "keep_alive": "5m",
        # The strategy alerts above 100 pending tasks; upstream would queue 512 before it says that it is busy.
        "max_queue": 100,
        "kv_cache_type": "q8_0",
    }


def _neo4j(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    del cores  # the JVM reads its own
    return {
        "heap": f"{memory_mib // 2}m",
        "pagecache": f"{memory_mib // 4}m",
        "transaction_total_max": f"{memory_mib // 8}m",
    }


def _chromadb(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    del cores
    return {"max_vectors_1024d": max(0, 245_000 * (memory_mib - 1024) // 1024)}


def _qdrant(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    threads = _threads(cores)
    return {
        "max_search_threads": threads,
        "max_indexing_threads": threads,
        "max_workers": threads,
        "optimizer_cpu_budget": max(1, threads - 1),
        "memmap_threshold_kb": 20000 if memory_mib < 2048 else 0,
    }


def _prometheus(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    # Memory and CPU it reads from its own cgroup; its volume is what nobody else bounds.
    del memory_mib, cores
    return {"retention_time": "15d", "retention_size": "8GB", "query_max_concurrency": 4}


def _go(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    return {"gomemlimit": f"{memory_mib * 9 // 10}MiB", "gomaxprocs": max(1, ceil(cores))}


def _rabbitmq(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    del cores
    return {"vm_memory_high_watermark": f"{memory_mib * 6 // 10}MiB"}


def _envoy(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    return {"max_heap_size_bytes": memory_mib * 1024 * 1024 * 8 // 10, "concurrency": _threads(cores)}


def _pytorch(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    del memory_mib
    return {"omp_num_threads": _threads(cores), "mkl_num_threads": _threads(cores)}


def _tensorflow(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    del memory_mib
    return {
        "tf_num_intraop_threads": _threads(cores),
        "tf_num_interop_threads": max(1, int(cores / 2)),
        "omp_num_threads": _threads(cores),
    }


def _jax(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    del memory_mib
    return {"pjrt_nproc": _threads(cores), "nproc": _threads(cores)}


def _python(memory_mib: int, cores: float, _: int) -> Mapping[str, object]:
    # An arena a thread would double what an idle agent takes, and a second worker would double it again.
    del memory_mib, cores
    return {"malloc_arena_max": 2, "uvicorn_workers": 1}


RULES: Mapping[str, Rule] = {
    "chromadb": _chromadb,
    "envoy": _envoy,
    "go": _go,
    "jax": _jax,
    "neo4j": _neo4j,
    "ollama": _ollama,
    "pgbouncer": _pgbouncer,
    "postgres": _postgres,
    "prometheus": _prometheus,
    "python": _python,
    "pytorch": _pytorch,
    "qdrant": _qdrant,
    "rabbitmq": _rabbitmq,
    "redis-broker": lambda memory_mib, cores, _: _redis(memory_mib, cores, "noeviction"),
    "redis-cache": lambda memory_mib, cores, _: _redis(memory_mib, cores, "allkeys-lru"),
    "tensorflow": _tensorflow,
}
