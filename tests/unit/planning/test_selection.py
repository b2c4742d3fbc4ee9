"""Which replicas a stack gets, and what is said about wishes that can't be met."""

from __future__ import annotations

from typing import Any

import pytest

from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.errors import ConfigError
from sutazai_infra.planning.demand import Demand, select
from tests.unit.planning.planning_samples import agents, catalogue, service, settings, strategy


def _instances(inputs: Catalogue, **chosen: Any) -> list[str]:
    return [demand.instance for demand in select(inputs, settings(**chosen)).demands]


def _agents(**chosen: Any) -> list[str]:
    return [name for name in _instances(strategy(3), **chosen) if name.startswith("agent")]


def _demand(name: str, **chosen: Any) -> Demand:
    return next(d for d in select(strategy(0), settings(**chosen)).demands if d.instance == name)


def _problems(inputs: Catalogue, **chosen: Any) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        select(inputs, settings(**chosen))
    return refused.value.problems


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param("all", ["agent-001", "agent-002", "agent-003"], id="all"),
        pytest.param(2, ["agent-001", "agent-002"], id="the first ones"),
        pytest.param(0, [], id="none"),
        pytest.param(["agent-003"], ["agent-003"], id="by name"),
        pytest.param(
            5, ["agent-001", "agent-001-2", "agent-002", "agent-002-2", "agent-003"], id="more than there are"
        ),
    ],
)
def test_agents_are_chosen(wanted: Any, expected: list[str]) -> None:
    assert _agents(agents=wanted) == expected


def test_a_number_of_agents_passes_over_those_that_are_off() -> None:
    off = {**agents(1)[0], "enabled": False, "disabled_reason": "no licence"}
    inputs = strategy(3, off)
    chosen = {"agents": 2, "services": {"disable": ["agent-002"]}}
    assert [n for n in _instances(inputs, **chosen) if n.startswith("agent")] == ["agent-003", "agent-003-2"]


def test_an_agent_that_is_off_by_default_stays_off_until_it_is_named() -> None:
    inputs = strategy(0, {**agents(1)[0], "enabled": False, "disabled_reason": "no licence"})
    assert "agent-001" not in _instances(inputs)
    assert {d.name: d.reason for d in select(inputs, settings()).disabled}["agent-001"] == "no licence"
    assert "agent-001" in _instances(inputs, services={"enable": ["agent-001"]})
    assert "agent-001" in _instances(inputs, agents=["agent-001"])


def test_only_some_services_run_and_the_others_say_why_not() -> None:
    chosen = settings(services={"only": ["postgres", "redis", "pgbouncer", "backend"]}, agents=1)
    selection = select(strategy(2), chosen)
    assert [d.instance for d in selection.demands] == ["backend", "postgres", "redis", "pgbouncer", "agent-001"]
    reasons = {d.name: d.reason for d in selection.disabled}
    assert reasons["grafana"] == "not among the stack's services (services/only)"
    assert reasons["agent-002"] == "no replica asked for by the stack's settings"


def test_what_has_no_image_to_build_is_left_out_where_images_are_built() -> None:
    image = {"upstream": "any:1", "built": None, "unbuilt_reason": "no package"}
    inputs = catalogue([service("grafana", pool="agents")], image=image)
    selection = select(inputs, settings(images="built"))
    assert [d.reason for d in selection.disabled] == ["no image to build: no package"]


def test_replicas_are_numbered_from_the_second() -> None:
    assert _instances(catalogue([service("api")]), overrides={"api": {"replicas": 3}}) == ["api", "api-2", "api-3"]


def test_replicas_of_an_agent_that_isnt_chosen_dont_bring_it_back() -> None:
    assert _agents(agents=1, overrides={"agent-003": {"replicas": 2}}) == ["agent-001"]


def test_overrides_replace_requests_and_limits() -> None:
    demand = _demand("backend", overrides={"backend": {"cpu_request": "1.2", "memory_limit": "3Gi"}})
    assert (demand.cpu, demand.memory, demand.cpu_limit, demand.memory_limit) == (1200, 1024, 2000, 3072)


def test_nobody_gets_less_than_docker_can_give() -> None:
    inputs = catalogue([service("idle", ("1m", 0), ("1m", 6))])
    (demand,) = select(inputs, settings()).demands
    assert (demand.cpu, demand.memory, demand.cpu_limit, demand.memory_limit) == (2, 6, 2, 6)


def test_a_job_takes_no_more_than_its_pools_ceiling() -> None:
    inputs = strategy(0, service("pytorch", (3, 4096), (4, 4096), pool="ml", kind="job", probe=None))
    job = next(d for d in select(inputs, settings()).demands if d.instance == "pytorch")
    assert (job.cpu, job.cpu_limit, job.resident) == (2000, 2000, False)


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        pytest.param(
            {"services": {"enable": ["neo4"]}},
            "services/enable: the catalogue has no service 'neo4' (did you mean 'neo4j'?)",
            id="a service to enable",
        ),
        pytest.param({"agents": ["zzz"]}, "agents: the catalogue has no service 'zzz'", id="an agent"),
        pytest.param(
            {"overrides": {"zzz": {}}}, "overrides: the catalogue has no service 'zzz'", id="a service to override"
        ),
        pytest.param({"tiers": {7: {}}}, "tiers/7: there is no such tier; there are 1, 2, 3", id="a tier"),
        pytest.param(
            {"overrides": {"backend": {"memory_request": "3Gi"}}},
            "overrides/backend/memory_request: 3072 MiB is above the limit of 2048 MiB; set memory_limit too",
            id="a request above its limit",
        ),
        pytest.param(
            {"overrides": {"backend": {"cpu_limit": "700m"}}},
            "overrides/backend/cpu_request: 800m is above the limit of 700m; set cpu_limit too",
            id="a limit below the request",
        ),
        pytest.param(
            {"overrides": {"aider": {"memory_request": "0Mi", "memory_limit": "4Mi"}}},
            "overrides/aider/memory_limit: 4 MiB is below the least that Docker takes; give at least 6 MiB",
            id="a limit that Docker refuses",
        ),
        pytest.param(
            {"overrides": {"aider": {"cpu_limit": 0}}},
            "overrides/aider/cpu_limit: 0m is below the least that Docker takes; give at least 1m",
            id="no CPU at all",
        ),
        pytest.param(
            {"services": {"disable": ["prometheus"]}},
            "services/grafana/depends_on: prometheus isn't in this stack (disabled by the stack's settings "
            "(services/disable)); enable it, or disable grafana",
            id="a dependency that is off",
        ),
        pytest.param(
            {"agents": 3},
            "agents: 3 wanted, but the stack has none that it can run",
            id="agents where there are none",
        ),
    ],
)
def test_what_isnt_there_is_named_with_its_path(chosen: dict[str, Any], problem: str) -> None:
    assert _problems(strategy(0), **chosen) == (problem,)


def test_a_replica_may_not_take_a_services_name() -> None:
    inputs = catalogue([service("api"), service("api-2")])
    assert _problems(inputs, overrides={"api": {"replicas": 2}}) == (
        "overrides/api/replicas: replica 2 would be named as the service api-2; ask for at most 1, or rename one",
    )


_WHY = {"no_snapshot": "for tests"}
_OWN, _SHARED = {"name": "own", **_WHY}, {"name": "common", "shared": "for tests", **_WHY}


def test_replicas_dont_write_to_one_volume() -> None:
    mounts = [{"volume": "own", "path": "/data"}]
    inputs = catalogue([service("postgres", mounts=mounts)], volumes=[_OWN])
    assert _instances(inputs, overrides={"postgres": {"replicas": 1}}) == ["postgres"]
    assert _problems(inputs, overrides={"postgres": {"replicas": 2}}) == (
        "overrides/postgres/replicas: 2 would write to volume own at once; keep 1, or declare the volume shared",
    )


def test_more_agents_than_there_are_names_dont_write_to_one_volume_either() -> None:
    mounts = [{"volume": "own", "path": "/data"}]
    inputs = catalogue([service("backend"), *agents(1, mounts=mounts)], volumes=[_OWN])
    assert _problems(inputs, agents=3) == (
        "agents: agent-001: 3 would write to volume own at once; keep 1, or declare the volume shared",
    )


@pytest.mark.parametrize("mount", [{"volume": "common"}, {"volume": "own", "read_only": True}])
def test_replicas_may_read_one_volume_and_write_to_a_shared_one(mount: dict[str, Any]) -> None:
    inputs = catalogue([service("api", mounts=[{"path": "/data", **mount}])], volumes=[_OWN, _SHARED])
    assert _instances(inputs, overrides={"api": {"replicas": 2}}) == ["api", "api-2"]


@pytest.mark.parametrize(
    ("chosen", "problem"),
    [
        pytest.param(
            {"publish": {"backend": 10910, "frontend": 10910}},
            "publish: backend and frontend can't share port 10910 of this host; give each its own",
            id="one port twice",
        ),
        pytest.param(
            {"publish": {"pytorch": 9000}},
            "publish/pytorch: pytorch is a job; only what runs all the time is published",
            id="a port of a slot",
        ),
        pytest.param(
            {"publish": {"neo4j": 9000}},
            "publish/neo4j: neo4j isn't in this stack (its limits exceed the pool); enable it, or publish nothing "
            "of it",
            id="a port of a service that is off",
        ),
        pytest.param(
            {"agents": ["postgres"]},
            "agents: postgres is no agent but a service; name it in services/enable or services/only",
            id="an agent that is none",
        ),
    ],
)
def test_what_would_be_ignored_is_refused_with_its_path(chosen: dict[str, Any], problem: str) -> None:
    assert _problems(strategy(0), **chosen) == (problem,)
