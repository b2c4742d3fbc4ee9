"""The whole of the monitoring in a stack that works: every target answers, and every question has an answer.

Dashboards can't be looked at where there is no Grafana. What they ask can be asked.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from sutazai_infra.operations.prometheus import Prometheus, Series
from sutazai_infra.operations.top.frame import Frame
from sutazai_infra.render.dashboards.page import Page
from sutazai_infra.render.dashboards.renderers import PAGES
from tests.integration.image_lab import eventually
from tests.integration.stack_lab import AGENTS, StackLab, free_port

pytestmark = pytest.mark.engine

SERVICES = ["postgres", "redis", "pgbouncer", "backend", "frontend", "gateway", "prometheus", "alertmanager"]
EXPORTERS = [
    "node-exporter",
    "postgres-exporter",
    "redis-exporter",
    "blackbox-exporter",
    "container-exporter",
    "engine-proxy",
]
# What has metrics of its own, and the addresses that a user would ask.
ANSWERING = {
    "agents": 2,
    "alertmanager": 1,
    "backend": 1,
    "blackbox": 3,
    "blackbox-exporter": 1,
    "container-exporter": 1,
    "gateway": 1,
    "node-exporter": 1,
    "postgres-exporter": 1,
    "prometheus": 1,
    "redis-exporter": 1,
}
# A rate wants two scrapes, and what is recorded of it another round: 30 s each, and the first comes when it comes.
PATIENCE_S = 180
_BY = re.compile(r"\{\{(\w+)\}\}")


class Watched:
    """A stack under a little load, and its Prometheus, asked through the gateway."""

    def __init__(self, lab: StackLab) -> None:
        self.lab = lab
        self.url = f"https://127.0.0.1:{lab.settings['publish']['gateway']}"
        self.authority = lab.run("sutazai", "ca", "-s", lab.stack).worked().output
        self.answers: Counter[int] = Counter()
        self.prometheus = Prometheus(f"{self.url}/prometheus", self.authority)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Post a task again and again: what nobody does, nobody measures."""
        enough = threading.Event()
        posting = threading.Thread(target=self._post, args=(enough,))
        posting.start()
        try:
            yield
        finally:
            enough.set()
            posting.join()

    def _post(self, enough: threading.Event) -> None:
        trusted = ssl.create_default_context(cadata=self.authority)
        task = {"type": "orchestration", "payload": {"kind": "wordcount", "text": "one two"}}
        with httpx.Client(verify=trusted, base_url=self.url, timeout=30) as client:
            while not enough.wait(1):
                self.answers[client.post("/api/v1/tasks", json=task).status_code] += 1

    def rules(self, kind: str) -> list[dict[str, Any]]:
        """Return what Prometheus says of its recording rules, or of its alerts."""
        groups = self.prometheus.get("rules", type=kind)["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def unanswered(self, expressions: Iterable[str]) -> list[str]:
        """Return those of the expressions that have no series."""
        return [expression for expression in expressions if not self.series(expression)]

    def series(self, expression: str) -> list[dict[str, str]]:
        """Return the labels of what an expression has, numbers or not."""
        return [row["metric"] for row in self.prometheus.get("query", query=expression)["result"]]


@pytest.fixture(scope="module")
def watched(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("watched")) as opened:
        opened.settings |= {
            "services": {"only": [*SERVICES, *EXPORTERS]},
            "agents": list(AGENTS),
            "publish": {"gateway": free_port()},
            "share": "0.4",
        }
        opened.configure()
        opened.up().worked()
        stack = Watched(opened)
        with stack.working():
            yield stack
        stack.prometheus.close()


def test_every_target_answers(watched: Watched) -> None:
    def answering() -> bool:
        targets = watched.prometheus.get("targets", state="active")["activeTargets"]
        assert [target["lastError"] for target in targets if target["health"] != "up"] == []
        jobs = [target["labels"]["job"] for target in targets]
        assert {job: jobs.count(job) for job in sorted(set(jobs))} == ANSWERING
        return True

    assert eventually(answering, PATIENCE_S, interval=1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_question_of_a_dashboard_has_an_answer(watched: Watched, page: Page) -> None:
    def answered() -> bool:
        assert watched.unanswered(page.expressions) == []
        return True

    assert eventually(answered, PATIENCE_S, interval=3)


def test_every_legend_names_labels_that_its_series_have(watched: Watched) -> None:
    for panel in (panel for page in PAGES for panel in page.panels):
        for expression, legend in panel.queries.items():
            named = set(_BY.findall(legend))
            # Where there is nothing to show, a zero stands in its place, and it has no labels.
            lacking = [labels for labels in watched.series(expression) if labels and not named <= set(labels)]
            assert lacking == [], expression


def test_each_core_is_shown_with_all_that_it_is_kept_for(watched: Watched) -> None:
    owners = {(row.labels["core"], row.labels["group"]) for row in watched.prometheus.query("sutazai_core_owner")}
    (expression,) = PAGES[0].panels[0].queries
    shown = watched.prometheus.query(expression)
    assert {(row.labels["core"], row.labels["group"]) for row in shown} == owners
    assert all(0 <= row.value <= 1 for row in shown)


def test_every_rule_is_evaluated_and_what_is_to_be_recorded_is(watched: Watched) -> None:
    def recorded() -> bool:
        assert [rule["name"] for rule in watched.rules("record") if not watched.series(rule["name"])] == []
        return True

    assert eventually(recorded, PATIENCE_S, interval=3)
    assert [(r["name"], r["lastError"]) for r in watched.rules("record") if r["health"] != "ok"] == []
    assert [(r["name"], r["lastError"]) for r in watched.rules("alert") if r["health"] != "ok"] == []
    assert {"RedisDown", "GatewayBudgetBurnsFast", "TargetDown"} <= {r["name"] for r in watched.rules("alert")}


def test_what_is_posted_meanwhile_is_accepted(watched: Watched) -> None:
    assert set(watched.answers) == {202}


def test_nothing_that_works_is_alerted(watched: Watched) -> None:
    firing = watched.prometheus.query('ALERTS{alertstate="firing",severity="critical"}')
    assert [row.labels["alertname"] for row in firing] == []


def test_plan_and_use_stand_side_by_side(watched: Watched) -> None:
    ledger = {(line["scope"], line["dimension"]): line for line in watched.lab.plan()["ledger"]}

    def value(expression: str) -> float:
        found: Series
        (found,) = watched.prometheus.query(expression)
        return found.value

    pool = 'scope="pool infrastructure",dimension="memory requests"'
    line = ledger["pool infrastructure", "memory requests"]
    assert value(f"sutazai_ledger_limit{{{pool}}}") == line["limit"] * 2**20
    assert value(f"sutazai_ledger_used{{{pool}}}") == line["used"] * 2**20
    # What is reserved on the engine is what the plan gave away.
    assert value('sutazai:pool_memory_request_bytes:sum{pool="infrastructure"}') == line["used"] * 2**20
    assert 0 < value('sutazai:pool_memory_bytes:sum{pool="infrastructure"}') < line["used"] * 2**20


def test_top_knows_through_the_gateway_what_gets_done(watched: Watched) -> None:
    def shown() -> Frame:
        said = watched.lab.run("sutazai", "top", "-s", watched.lab.stack, "--json").worked().output
        found = Frame.parsed("top", json.loads(said))
        assert (found.remarks, found.unexpected) == ((), ())
        assert found.work is not None
        assert None not in found.work.model_dump().values(), found.work
        return found

    found = eventually(shown, PATIENCE_S, interval=3)
    assert found.work is not None
    assert (found.work.agents_alive, found.work.agents_registered, found.work.completed) == (2, 2, 1)
    assert found.work.task_p50 is not None
    assert found.work.task_p99 is not None
    assert 0 < found.work.task_p50 <= found.work.task_p99
    assert {row.oom_kills for row in found.services} == {0}
