"""Critical databases are on cores apart, and ML jobs away from what people wait for."""

from __future__ import annotations

from typing import Any

import pytest
from sutazai_policy.rules.anti_affinity import RULE

from tests.policy.stacks import (
    REMOTE_IMAGE,
    SERVICE,
    STOPPED,
    UNKNOWN,
    Secret,
    Stack,
    container,
    labels,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)

_APART = "give each cores of its own"
_AWAY = "move it to cores that nobody waits for"
_SWARM = "make it a container: Swarm has no core sets"


def _stores(first: Any, second: Any) -> Stack:
    """Return two databases, `a` and `b`."""
    return (
        Stack()
        .add("a", container("4", 2, 8, 8, image="postgres:16.2"))
        .add("b", container("5", 2, 8, 8, image="redis:7.2"))
        .change("a", cpuSet=first)
        .change("b", cpuSet=second)
    )


def _job(cores: Any, *, beside: str = "backend") -> Stack:
    """Return an ML job, and what people wait for on cores 2-3."""
    stack = Stack().add("job", container("8", 2, 8, 8, "3")).add(beside, container("2-3", 2, 8, 8))
    return stack.change("job", cpuSet=cores)


def _together(cores: str, way_out: str = _APART, one: str = "b", other: str = "a") -> str:
    return f"{one} is a database and shares {cores} with another, {other}: {way_out}"


def test_passes_the_reference_stack() -> None:
    assert messages(RULE, reference_stack()) == []


def test_passes_databases_on_cores_apart() -> None:
    assert messages(RULE, _stores("4,6", "5,7")) == []


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("4-5", "5-6", "core 5"),
        ("4-7", "5-6", "cores 5-6"),
        ("4,6", "4-6", "cores 4,6"),
        (None, "5", "core 5"),
        ("5", "", "core 5"),
        ("5", UNKNOWN, "core 5"),
        ("5", "7-5", "core 5"),
        ("5", Secret("5"), "(secret)"),
        (None, None, "cores 0-11"),
    ],
)
def test_refuses_two_databases_that_share_a_core(first: Any, second: Any, shared: str) -> None:
    stack = _stores(first, second)

    (found,) = violations(RULE, stack)

    assert found.message == _together(shared)
    assert found.urn == stack.urn("b")


def test_refuses_each_further_database_beside_those_whose_cores_it_shares() -> None:
    stack = _stores("4", "5").add("c", container("3-5", 2, 8, 8, image="mysql:8.4"))
    stack.add("d", container("3-4", 2, 8, 8, image="mysql:8.4"))

    assert messages(RULE, stack) == [
        _together("cores 4-5", one="c", other="a, b"),
        # Core 3 is that of c, which came first there.
        _together("cores 3-4", one="d", other="c, a"),
    ]


@pytest.mark.parametrize("tier", ["2", "3"])
def test_passes_databases_of_the_other_tiers_on_those_tiers_cores(tier: str) -> None:
    assert messages(RULE, _stores("10", "10").relabel("b", tier=tier)) == []


@pytest.mark.parametrize(
    "label", [[], labels(tier="batch"), labels(tier=UNKNOWN), labels(tier="2 "), UNKNOWN], ids=str
)
def test_unknown_tiers_are_held_to_the_strictest(label: Any) -> None:
    assert messages(RULE, _stores("10", "10").change("b", labels=label)) == [_together("core 10")]


def test_unknown_images_are_told_by_what_they_come_from() -> None:
    stack = _stores("4", "4").remove("b").add("image", {"name": "redis:7.2"}, REMOTE_IMAGE)
    depends = {"image": [stack.urn("image", REMOTE_IMAGE)]}
    stack.add("b", container("4", 2, 8, 8, image=UNKNOWN), depends=depends)

    assert messages(RULE, stack) == [_together("core 4")]


def test_refuses_a_swarm_service_of_a_database_since_it_runs_anywhere() -> None:
    store = service(1, 10**9, 2**20, "1")
    store["taskSpec"]["containerSpec"]["image"] = "redis:7.2"
    stack = _stores("4", "5").add("c", store, SERVICE)

    (found,) = violations(RULE, stack)

    assert found.message == _together("cores 4-5", _SWARM, "c", "a, b")
    assert found.urn == stack.urn("c", SERVICE)
    assert messages(RULE, stack.change("c", mode={"replicated": {"replicas": 0}})) == []


def test_passes_a_stopped_database_and_a_stopped_job() -> None:
    assert messages(RULE, _stores("4", "4").change("b", **STOPPED)) == []
    assert messages(RULE, _job("2").change("job", **STOPPED)) == []
    assert messages(RULE, _job("2").change("backend", **STOPPED)) == []


@pytest.mark.parametrize(
    ("cores", "shared"),
    [
        ("2", "core 2"),
        ("3-8", "core 3"),
        ("0-11", "cores 2-3"),
        (None, "cores 2-3"),
        (UNKNOWN, "cores 2-3"),
        (Secret("2"), "(secret)"),
    ],
)
@pytest.mark.parametrize("beside", ["backend", "frontend", "gateway", "backend-2"])
def test_refuses_a_job_beside_what_people_wait_for(cores: Any, shared: str, beside: str) -> None:
    stack = _job(cores, beside=beside)

    (found,) = violations(RULE, stack)

    assert found.message == f"job is in pool ml and shares {shared} with {beside}: {_AWAY}"
    assert found.urn == stack.urn("job")


@pytest.mark.parametrize("cores", ["4", "0-1,4-11"])
def test_passes_a_job_elsewhere(cores: str) -> None:
    assert messages(RULE, _job(cores)) == []


@pytest.mark.parametrize("beside", ["backends", "my-backend", "backend-x", "ollama"])
def test_passes_a_job_beside_what_nobody_waits_for(beside: str) -> None:
    assert messages(RULE, _job("2", beside=beside)) == []


def test_refuses_a_job_beside_a_critical_database_only() -> None:
    stack = _stores("4", "5").add("job", container("4-6", 2, 8, 8, "3"))
    assert messages(RULE, stack) == [f"job is in pool ml and shares cores 4-5 with a, b: {_AWAY}"]

    assert messages(RULE, stack.relabel("a", tier="2").relabel("b", tier="3")) == []


def test_refuses_a_job_whatever_else_it_says_that_it_is() -> None:
    stack = _job("2", beside="frontend").relabel("job", service="backend")
    assert messages(RULE, stack) == [f"job is in pool ml and shares core 2 with frontend: {_AWAY}"]

    stack.change("frontend", cpuSet="3").change("job", image="redis:7.2").relabel("job", tier="1")
    assert messages(RULE, stack) == []
    both = stack.relabel("frontend", pool="ml").change("frontend", cpuSet="2-3")
    assert messages(RULE, both) == [
        f"frontend is in pool ml and shares core 2 with job: {_AWAY}",
        f"job is in pool ml and shares core 2 with frontend: {_AWAY}",
    ]


def test_refuses_a_job_that_is_quiet_itself_in_two_ways_beside_another() -> None:
    stack = _job("2", beside="zeta").change("job", image="redis:7.2").relabel("job", tier="1")

    assert messages(RULE, stack, realtime=["job", "zeta"]) == [
        f"job is in pool ml and shares core 2 with zeta: {_AWAY}"
    ]


def test_refuses_a_swarm_job_since_it_runs_anywhere_and_one_beside_a_swarm_service() -> None:
    stack = Stack().add("job", service(1, 10**9, 2**20, "3"), SERVICE).add("backend", container("2-3", 2, 8, 8))
    assert messages(RULE, stack) == [f"job is in pool ml and shares cores 2-3 with backend: {_SWARM}"]

    stack = Stack().add("backend", service(1, 10**9, 2**20, "1"), SERVICE).add("job", container("8", 2, 8, 8, "3"))
    assert messages(RULE, stack) == [f"job is in pool ml and shares core 8 with backend: {_AWAY}"]


@pytest.mark.parametrize("label", ["agents", "tools", "ML", UNKNOWN])
def test_passes_other_pools_beside_what_people_wait_for(label: Any) -> None:
    assert messages(RULE, _job("2").relabel("job", pool=label)) == []


def test_obeys_databases_and_realtime_services_that_are_named() -> None:
    stack = small_stack().change("redis", cpuSet="4-5").add("vault", container("5", 2, 8, 8))
    assert messages(RULE, stack) == []
    assert messages(RULE, stack, databases=["redis", "vault"]) == [_together("core 5", one="vault", other="redis")]

    assert messages(RULE, _job("2"), realtime=[]) == []
    assert messages(RULE, _job("2", beside="chat"), realtime=["chat"]) == [
        f"job is in pool ml and shares core 2 with chat: {_AWAY}"
    ]


@pytest.mark.parametrize(("cores", "count"), [(9, 0), (10, 1), (12, 1)])
def test_obeys_that_only_hosts_of_ten_usable_cores_have_room(cores: int, count: int) -> None:
    host = {"cores": cores, "reserved_cores": 0}

    assert len(messages(RULE, _stores("4", "4"), host=host)) == count


def test_obeys_from_how_many_usable_cores_on_there_is_room() -> None:
    assert messages(RULE, _stores("4", "4"), least_cores=11) == []
    assert len(messages(RULE, _stores("4", "4"), least_cores=0, host={"cores": 5})) == 1


def test_obeys_an_exception_for_one_service_and_no_other() -> None:
    stack = _stores("4", "4").add("c", container("4", 2, 8, 8, image="mysql:8.4"))
    exception = {"service": "b", "reason": "is asked once a month", "expires": "2027-01-31"}

    assert messages(RULE, stack, exceptions=[exception]) == [_together("core 4", one="c", other="a")]
