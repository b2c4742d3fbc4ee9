"""A whole scrape, from the engine's answers to the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from exporter.collector import StackCollector
from exporter.events import OomTally
from exporter.plan import PlanFacts
from prometheus_client import CollectorRegistry, generate_latest

from tests.unit.exporter.recorded import STATS_V1, STATS_V2, FakeEngine, inspected, listed, plan

Scrape = Callable[[FakeEngine], str]
OWN = 'container="sutazai-dev-api-2",name="api-2",pool="infrastructure",priority="critical",service="api",tier="1"'
PLAN = """sutazai_ledger_used{dimension="memory requests",scope="tier 1",unit="bytes"} 1.048576e+06
sutazai_ledger_limit{dimension="memory requests",scope="tier 1",unit="bytes"} 4.194304e+06
sutazai_core_owner{core="0",group="system"} 1.0
sutazai_core_owner{core="1",group="web"} 1.0
sutazai_core_owner{core="1",group="data"} 1.0
sutazai_pool_memory_limit_bytes{pool="agents"} 1.048576e+06
sutazai_pool_cores{pool="agents"} 2.0
sutazai_plan_services 5.0
sutazai_plan_agents 1.0
"""


@pytest.fixture
def tally() -> OomTally:
    return OomTally()


@pytest.fixture
def scrape(tally: OomTally) -> Iterator[Scrape]:
    opened: list[StackCollector] = []

    def scraped(engine: FakeEngine) -> str:
        collector = StackCollector(
            engine, PlanFacts.parse(plan()), "dev", tally, 4, snapshots=Path("/no/snapshots")
        )
        opened.append(collector)
        registry = CollectorRegistry()
        registry.register(collector)
        text = generate_latest(registry).decode()
        lines = [line for line in text.splitlines(keepends=True) if "#" not in line and "scrape_sec" not in line]
        return "".join(sorted_labels(line) for line in lines)

    yield scraped
    for collector in opened:
        collector.close()


def sorted_labels(line: str) -> str:
    """Write a line's labels by name: the library's versions differ there."""
    found = re.match(r"(\w+)\{(.*)\} (.*)", line)
    if found is None:
        return line
    labels = sorted(re.findall(r'\w+="[^"]*"', found[2]))
    return f"{found[1]}{{{','.join(labels)}}} {found[3]}\n"


def one(**more: object) -> FakeEngine:
    return FakeEngine([listed("1f")], inspections={"1f": inspected()}, samples={"1f": STATS_V1}, **more)


def test_a_container_is_told_with_its_budget_and_its_use_and_the_plan_beside_it(scrape: Scrape) -> None:
    metrics = (
        ("cpu_seconds_total", "0.230717224"),
        ("cores", "2.0"),
        ("cpu_limit_cores", "0.1"),
        ("cpu_request_cores", "0.5"),
        ("memory_working_set_bytes", "450560.0"),
        ("memory_limit_bytes", "6.7108864e+07"),
        ("memory_request_bytes", "3.3554432e+07"),
        ("restarts_total", "4.0"),
        ("healthy", "1.0"),
        ("running", "1.0"),
        ("start_time_seconds", "1.795588790923783e+09"),
        ("cpu_periods_total", "23.0"),
        ("cpu_throttled_periods_total", "21.0"),
        ("cpu_throttled_seconds_total", "1.883942719"),
        ("oom_kills_total", "0.0"),
        ("pids", "1.0"),
        ("network_receive_bytes_total", "740.0"),
        ("network_transmit_bytes_total", "42.0"),
    )
    info = OWN.replace(",name=", ',core_set="0-1",image="sutazai/workload:1e2e8a262e41",name=')
    assert scrape(one()) == (
        "sutazai_engine_up 1.0\n"
        + "".join(f"sutazai_container_{name}{{{OWN}}} {value}\n" for name, value in metrics)
        + f"sutazai_container_info{{{info}}} 1.0\n"
        "sutazai_foreign_containers 0.0\n"
        "sutazai_foreign_memory_working_set_bytes 0.0\n"
        "sutazai_exporter_unread_containers 0.0\n" + PLAN
    )


@pytest.mark.parametrize("problem", [ConnectionRefusedError("no"), TimeoutError("slow"), KeyError("Id")])
def test_an_engine_that_does_not_answer_leaves_the_plan_and_is_connected_to_anew(
    scrape: Scrape, problem: Exception
) -> None:
    engine = FakeEngine(problem)
    assert scrape(engine) == "sutazai_engine_up 0.0\n" + PLAN
    assert engine.forgotten == 1


def test_an_engine_that_answers_something_else_is_no_engine(scrape: Scrape) -> None:
    engine = FakeEngine([{"message": "page not found"}])
    assert scrape(engine) == "sutazai_engine_up 0.0\n" + PLAN


@pytest.mark.parametrize("gone_from", ["inspections", "samples"])
def test_a_container_that_goes_away_meanwhile_is_no_error(scrape: Scrape, gone_from: str) -> None:
    engine = FakeEngine(
        [listed("1f"), listed("2f")],
        inspections={"1f": inspected(), "2f": inspected()},
        samples={"1f": STATS_V1, "2f": STATS_V1},
    )
    getattr(engine, gone_from).pop("2f")
    text = scrape(engine)
    assert text.count("sutazai_container_running{") == 1
    assert "sutazai_exporter_unread_containers 0.0\n" in text


def test_a_container_that_the_engine_is_silent_about_is_counted_and_the_others_are_told(scrape: Scrape) -> None:
    engine = one()
    engine.listing = [listed("1f"), listed("2f")]
    engine.inspections["2f"] = TimeoutError("slow")
    text = scrape(engine)
    assert text.count("sutazai_container_running{") == 1
    assert "sutazai_exporter_unread_containers 1.0\n" in text


def test_a_container_that_does_not_run_is_told_without_use_and_is_not_asked_for_it(scrape: Scrape) -> None:
    engine = FakeEngine([listed("1f", state="exited")], inspections={"1f": inspected(Running=False)})
    text = scrape(engine)
    assert f"sutazai_container_running{{{OWN}}} 0.0\n" in text
    assert f"sutazai_container_memory_limit_bytes{{{OWN}}} 6.7108864e+07\n" in text
    assert "cpu_seconds" not in text
    assert "sutazai_exporter_unread_containers 0.0\n" in text


def test_containers_of_others_are_summed_while_they_run(scrape: Scrape) -> None:
    engine = FakeEngine(
        [listed("a", labels={}), listed("b", labels={}), listed("c", labels={}, state="exited")],
        samples={"a": STATS_V1, "b": STATS_V2},
    )
    text = scrape(engine)
    assert "sutazai_foreign_containers 2.0\n" in text
    assert "sutazai_foreign_memory_working_set_bytes 3.845056e+07\n" in text
    assert "sutazai_container_running{" not in text


def test_a_container_without_a_core_set_or_limit_has_what_the_kernel_gives_it(scrape: Scrape) -> None:
    engine = one()
    engine.inspections["1f"] = inspected({"CpusetCpus": "", "NanoCpus": 0, "Memory": 0})
    text = scrape(engine)
    assert f"sutazai_container_cores{{{OWN}}} 2.0\n" in text
    assert f"sutazai_container_cpu_limit_cores{{{OWN}}} 2.0\n" in text
    assert f"sutazai_container_memory_limit_bytes{{{OWN}}} 6.7108864e+07\n" in text


def test_kills_are_those_of_the_events_and_at_least_the_one_that_the_state_tells(
    scrape: Scrape, tally: OomTally
) -> None:
    engine = one()
    engine.inspections["1f"] = inspected(OOMKilled=True)
    assert f"sutazai_container_oom_kills_total{{{OWN}}} 1.0\n" in scrape(engine)
    tally.add("1f")
    assert f"sutazai_container_oom_kills_total{{{OWN}}} 2.0\n" in scrape(engine)


def test_kills_of_a_container_that_is_no_more_are_forgotten(scrape: Scrape, tally: OomTally) -> None:
    tally.add("gone")
    tally.add("1f")
    scrape(one())
    assert (tally.seen("gone", killed=False), tally.seen("1f", killed=False)) == (0, 1)
