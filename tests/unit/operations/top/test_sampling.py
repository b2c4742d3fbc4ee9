"""Looks at an engine that answers with one sample a time."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from sutazai_infra.operations.top.sampling import Sampler, local_cores
from tests.unit.render.plan_samples import sample_plan, service

MIB = 1 << 20
PLAN = sample_plan(services=[service("api")])
LABELS = {"sutazai.instance": "api", "sutazai.stack": "lab"}
LISTED = {
    "Id": "1",
    "Names": ["/sutazai-lab-api"],
    "Labels": LABELS,
    "State": "running",
    "Status": "Up 5 s (healthy)",
}


def sample(step: int) -> dict[str, Any]:
    """At each step two seconds of two cores have passed, of which the container had half a core."""
    return {
        "memory_stats": {"usage": 100 * MIB, "stats": {"inactive_file": 20 * MIB}},
        "cpu_stats": {
            "cpu_usage": {"total_usage": 1000 * step},
            "system_cpu_usage": 4000 * step,
            "online_cpus": 2,
            "throttling_data": {"periods": 20 * step, "throttled_periods": 5 * step},
        },
        "precpu_stats": {},
    }


class Engine:
    """Its clock is ten seconds ahead of ours."""

    def __init__(self) -> None:
        self.api = self
        self.steps = 0
        self.oom: list[str] = []
        self.asked: list[tuple[int, int]] = []

    def info(self) -> dict[str, Any]:
        return {"SystemTime": "1970-01-01T00:01:50.123456789Z"}

    def containers(self, *, all: bool) -> list[dict[str, Any]]:  # noqa: A002 - docker's own name
        assert all
        return [LISTED]

    def inspect_container(self, _identity: str) -> dict[str, Any]:
        return {"RestartCount": 2, "HostConfig": {"CpusetCpus": "1"}, "State": {"OOMKilled": True}}

    def stats(self, _identity: str, *, stream: bool, one_shot: bool) -> dict[str, Any]:
        assert (stream, one_shot) == (False, True)
        self.steps += 1
        return sample(self.steps)

    def events(self, *, since: int, until: int, filters: Any, decode: bool) -> list[dict[str, Any]]:
        assert filters == {"event": ["oom"], "label": ["sutazai.stack=lab"]}
        assert decode
        self.asked.append((since, until))
        return [{"Actor": {"Attributes": {"name": name}}} for name in self.oom]


@pytest.fixture
def engine() -> Any:
    return Engine()


def sampler(engine: Any, times: Any = None) -> Sampler:
    clock = iter(times or [100.0] * 10)
    return Sampler(engine, "lab", PLAN, lambda: (0.5,), lambda: next(clock))


def test_what_is_used_lies_between_two_looks(engine: Any) -> None:
    looking = sampler(engine)
    (first,), (second,) = looking.look().services, looking.look().services
    assert (first.cpu_cores, first.throttled, first.memory_mib) == (None, None, 80)
    assert (second.cpu_cores, second.throttled, second.memory_mib) == (0.5, 0.25, 80)
    assert (second.restarts, second.oom_killed) == (2, True)


def test_kills_add_up_and_each_moment_is_asked_for_once_by_the_engines_clock(engine: Any) -> None:
    looking = sampler(engine, [100.123456, 100.123456, 102.0, 104.5])
    engine.oom = ["sutazai-lab-api"]
    looking.kills()
    engine.oom = ["sutazai-lab-api", "sutazai-lab-other"]
    assert looking.kills() == {"sutazai-lab-api": 2, "sutazai-lab-other": 1}
    assert engine.asked == [(110, 112), (112, 114)]


def test_cores_are_those_of_the_engines_host(engine: Any) -> None:
    assert sampler(engine).cores() == (0.5,)


def test_this_machine_is_the_engines_only_where_its_address_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "cpu_percent", lambda *, percpu: [12.5, 50.0] if percpu else [])
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/docker.sock")
    assert local_cores() == [0.125, 0.5]
    monkeypatch.setenv("DOCKER_HOST", "ssh://elsewhere")
    assert local_cores() == ()
