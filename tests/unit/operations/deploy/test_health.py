from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import docker.errors
import pytest

from sutazai_infra.operations.deploy.health import (
    ContainerHealth,
    Health,
    explain,
    health_of,
    look,
    patience_s,
    wait_until_healthy,
)


def entry(name: str, status: str = "Up 5 seconds (healthy)", state: str = "running") -> dict[str, Any]:
    return {"Names": [f"/sutazai-lab-{name}"], "State": state, "Status": status}


def spec(*instances: str, **health: Any) -> Any:
    checks = SimpleNamespace(**{"interval_ms": 5000, "timeout_s": 3, "retries": 3, "start_period_s": 10, **health})
    containers = [SimpleNamespace(instance=i, name=f"sutazai-lab-{i}", health=checks) for i in instances]
    return SimpleNamespace(stack="lab", containers=containers)


class Engine:
    def __init__(self, listed: Sequence[dict[str, Any]] = (), state: dict[str, Any] | None = None) -> None:
        self.api = self
        self.listed = listed
        self.state = state
        self.filters: object = None

    def containers(self, *, all: bool, filters: object) -> Sequence[dict[str, Any]]:  # noqa: A002 - docker's own name
        assert all
        self.filters = filters
        return self.listed

    def inspect_container(self, name: str) -> dict[str, Any]:
        if self.state is None:
            raise docker.errors.NotFound(f"no {name}")
        return {"State": self.state}

    def logs(self, _name: str, *, tail: int) -> bytes:
        return b"\n".join(f"line {n}".encode() for n in range(tail))


class Clock:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def answers(*healths: Health) -> Callable[[], list[ContainerHealth]]:
    """Give one answer a call; the last again and again."""
    left = list(healths)
    return lambda: [ContainerHealth("redis", "sutazai-lab-redis", left.pop(0) if len(left) > 1 else left[0])]


def waited(ask: Callable[[], list[ContainerHealth]], timeout_s: float = 100) -> tuple[Health, float]:
    clock = Clock()
    found = wait_until_healthy(ask, lambda _: None, timeout_s, clock=clock, sleep=clock.sleep)
    return found[0].health, clock.now


@pytest.mark.parametrize(
    ("status", "state", "health"),
    [
        ("Up 5 seconds (healthy)", "running", Health.HEALTHY),
        ("Up 2 hours (unhealthy)", "running", Health.UNHEALTHY),
        ("Up 1 second (health: starting)", "running", Health.STARTING),
        ("Up 5 seconds", "running", Health.HEALTHY),
        ("Restarting (1) 3 seconds ago", "restarting", Health.RESTARTING),
        ("Exited (137) 1 minute ago", "exited", Health.STOPPED),
        ("Created", "created", Health.STOPPED),
    ],
)
def test_the_engines_words_are_understood(status: str, state: str, health: Health) -> None:
    assert health_of(entry("redis", status, state)) is health


def test_every_wanted_container_is_looked_at_in_order() -> None:
    engine: Any = Engine([entry("redis"), entry("stranger")])
    assert [(one.instance, one.health) for one in look(engine, spec("postgres", "redis"))] == [
        ("postgres", Health.MISSING),
        ("redis", Health.HEALTHY),
    ]


def test_one_call_asks_for_the_stack_only() -> None:
    engine: Any = Engine()
    look(engine, spec("redis"))
    assert engine.filters == {"label": "sutazai.stack=lab"}


def test_waiting_ends_at_once_when_all_are_healthy() -> None:
    assert waited(answers(Health.HEALTHY)) == (Health.HEALTHY, 0)


def test_waiting_goes_on_while_one_starts() -> None:
    assert waited(answers(Health.STARTING, Health.STARTING, Health.HEALTHY)) == (Health.HEALTHY, 1.0)


def test_waiting_ends_when_the_time_is_up() -> None:
    assert waited(answers(Health.RESTARTING), timeout_s=20) == (Health.RESTARTING, 20)


def test_an_unhealthy_container_has_a_while_to_recover() -> None:
    assert waited(answers(*[Health.UNHEALTHY] * 10, Health.HEALTHY))[0] is Health.HEALTHY


def test_a_container_that_stays_unhealthy_ends_the_waiting_early() -> None:
    assert waited(answers(Health.UNHEALTHY)) == (Health.UNHEALTHY, 15.0)


def test_a_container_that_recovers_and_fails_again_has_its_while_again() -> None:
    flapping = [*[Health.UNHEALTHY] * 20, Health.STARTING, *[Health.UNHEALTHY] * 20, Health.HEALTHY]
    assert waited(answers(*flapping))[0] is Health.HEALTHY


@pytest.mark.parametrize("gone", [Health.STOPPED, Health.MISSING])
def test_a_container_that_is_gone_ends_the_waiting(gone: Health) -> None:
    assert waited(answers(gone)) == (gone, 0)


def test_patience_follows_from_the_slowest_health_check() -> None:
    assert patience_s(spec("redis")) == 10 + 4 * (5 + 3) + 30


def test_an_empty_stack_needs_no_patience() -> None:
    assert patience_s(spec()) == 30


def test_a_sick_container_is_explained_by_its_check_and_its_log() -> None:
    state = {"Running": True, "Health": {"Log": [{"ExitCode": 1, "Output": "no answer\n"}]}}
    engine: Any = Engine(state=state)
    lines = explain(engine, ContainerHealth("redis", "sutazai-lab-redis", Health.UNHEALTHY))
    assert lines[:4] == ["health check (exit 1):", "  no answer", "log:", "  line 0"]


def test_a_stopped_container_is_explained_by_its_exit() -> None:
    engine: Any = Engine(state={"Running": False, "ExitCode": 2, "Error": "no such file"})
    lines = explain(engine, ContainerHealth("redis", "sutazai-lab-redis", Health.STOPPED))
    assert lines[0] == "exited with 2: no such file"


def test_a_container_that_wanted_too_much_memory_is_told_so() -> None:
    engine: Any = Engine(state={"Running": False, "ExitCode": 137, "OOMKilled": True})
    lines = explain(engine, ContainerHealth("redis", "sutazai-lab-redis", Health.STOPPED))
    assert lines[0] == "killed: it wanted more memory than its limit"


def test_a_missing_container_has_a_way_out() -> None:
    engine: Any = Engine()
    assert explain(engine, ContainerHealth("redis", "sutazai-lab-redis", Health.MISSING)) == [
        "no container sutazai-lab-redis; was it removed by hand? `sutazai up` makes it again"
    ]


def test_a_container_that_goes_meanwhile_is_no_bug() -> None:
    engine: Any = Engine()
    lines = explain(engine, ContainerHealth("redis", "sutazai-lab-redis", Health.UNHEALTHY))
    assert lines == ["no sutazai-lab-redis"]
