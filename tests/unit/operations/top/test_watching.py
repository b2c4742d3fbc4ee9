"""Frames with Prometheus, without it, and when it goes and comes again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from sutazai_infra.operations.prometheus import PrometheusError, Series
from sutazai_infra.operations.status import StackStatus
from sutazai_infra.operations.top.watching import Watch
from tests.unit.render.plan_samples import sample_plan, service

PLAN = sample_plan(services=[service("api")])
ROW = {
    "instance": "api",
    "container": "sutazai-lab-api",
    "pool": "web",
    "health": "healthy",
    "cpu_limit": 1,
    "memory_request_mib": 256,
    "memory_limit_mib": 512,
    "planned_core_set": "1",
}
STATUS = StackStatus.parsed("sample", {"stack": "lab", "services": [ROW]})
LACKS = "without Prometheus there is no queue, completion and latency, and kills count from now (gone)"
ELSEWHERE = "the engine's host is another: how busy its cores are only Prometheus knows"


class Sampler:
    def __init__(self) -> None:
        self.looks = 0
        self.busy: Sequence[float] = (0.1, 0.2, 0.3, 0.4)
        self.counted: dict[str, int] = {}

    def look(self) -> StackStatus:
        self.looks += 1
        return STATUS

    def cores(self) -> Sequence[float]:
        return self.busy

    def kills(self) -> dict[str, int]:
        return self.counted


class Server:
    def __init__(self) -> None:
        self.answers = True
        self.asked: list[str] = []
        self.closed = False

    def query(self, expression: str) -> tuple[Series, ...]:
        self.asked.append(expression)
        if not self.answers:
            raise PrometheusError("gone")
        if "oom_kills" in expression:
            return (Series(labels={"container": "sutazai-lab-api"}, value=2),)
        if "node_cpu" in expression:
            return (Series(labels={"cpu": "2"}, value=0.75),)
        return (Series(labels={"figure": "queued"}, value=7),)

    def close(self) -> None:
        self.closed = True


class Lab:
    def __init__(self) -> None:
        self.sampler: Any = Sampler()
        self.server: Any = Server()
        self.now = 100.0
        self.watch = Watch(PLAN, cast("Any", self.sampler), lambda: self.server, lambda: self.now)


@pytest.fixture
def lab() -> Lab:
    return Lab()


def test_prometheus_adds_work_and_its_longer_count_of_kills(lab: Lab) -> None:
    lab.sampler.counted = {"sutazai-lab-api": 1}
    found = lab.watch.frame()
    assert found.work is not None
    assert (found.work.queued, found.services[0].oom_kills, found.remarks) == (7, 2, ())


def test_kills_that_prometheus_does_not_know_yet_count(lab: Lab) -> None:
    lab.sampler.counted = {"sutazai-lab-api": 3}
    assert lab.watch.frame().services[0].oom_kills == 3


def test_cores_are_asked_of_prometheus_only_where_they_are_not_seen(lab: Lab) -> None:
    assert [core.busy for core in lab.watch.frame().cores] == [0.1, 0.2, 0.3, 0.4]
    lab.sampler.busy = ()
    found = lab.watch.frame()
    assert [core.busy for core in found.cores] == [None, None, 0.75, None]
    assert found.remarks == ()


def test_without_prometheus_the_rest_is_shown_and_it_says_what_is_missing(lab: Lab) -> None:
    lab.server.answers = False
    found = lab.watch.frame()
    assert (found.work, found.remarks) == (None, (LACKS,))
    assert found.cores[1].busy == 0.2


def test_an_engine_elsewhere_without_prometheus_has_cores_that_nobody_sees(lab: Lab) -> None:
    lab.server.answers, lab.sampler.busy = False, ()
    assert lab.watch.frame().remarks == (LACKS, ELSEWHERE)


def test_who_did_not_answer_is_left_alone_for_a_while_and_found_again(lab: Lab) -> None:
    lab.server.answers = False
    lab.watch.frame()
    lab.server.answers = True
    lab.now += 14
    assert lab.watch.frame().remarks == (LACKS,)
    assert len(lab.server.asked) == 1
    lab.now += 1
    assert lab.watch.frame().remarks == ()


def test_the_first_look_is_what_cpu_is_measured_from(lab: Lab) -> None:
    lab.watch.prime()
    assert (lab.sampler.looks, lab.server.asked) == (1, [])


def test_only_what_was_opened_is_closed(lab: Lab) -> None:
    lab.watch.close()
    assert not lab.server.closed
    lab.watch.frame()
    lab.watch.close()
    assert lab.server.closed
