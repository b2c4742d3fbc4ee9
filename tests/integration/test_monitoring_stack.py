"""The whole of the monitoring in a stack that works: all is watched, and every question has an answer.

Dashboards can't be looked at where there is no Grafana. What they ask can be asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sutazai_infra.operations.prometheus import Series
from sutazai_infra.operations.top.frame import Frame
from sutazai_infra.render.dashboards.page import Page
from sutazai_infra.render.dashboards.renderers import PAGES
from tests.integration.image_lab import eventually
from tests.integration.monitoring_lab import Watched
from tests.integration.stack_lab import AGENTS

pytestmark = pytest.mark.engine

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
_METRIC = re.compile(r"\b[a-z]+_[a-z_]+\b|\bup\b")
_THERE = re.compile(
    "sutazai_(container|ledger|plan|pool)_|(node|redis|pg|haproxy|alertmanager|prometheus|probe)_|up$"
)


@pytest.fixture(scope="module")
def watched(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    del swept
    with Watched.opened(tmp_path_factory.mktemp("watched")) as opened:
        yield opened


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


def test_a_containers_metrics_keep_its_own_labels(watched: Watched) -> None:
    (series,) = watched.series('sutazai_container_healthy{service="redis"}')
    assert series == {
        "__name__": "sutazai_container_healthy",
        "container": f"sutazai-{watched.lab.stack}-redis",
        "instance": "container-exporter:9105",
        "job": "container-exporter",
        "name": "redis",
        "pool": "infrastructure",
        "priority": "critical",
        "service": "redis",
        "tier": "1",
    }


def test_agents_are_discovered_by_asking_the_exporter(watched: Watched) -> None:
    (failures,) = watched.prometheus.query("prometheus_sd_http_failures_total")
    assert failures.value == 0
    names = {series["instance"] for series in watched.series('up{job="agents"} == 1')}
    assert {name.split(":")[0] for name in names} == set(AGENTS)


def test_the_disk_is_the_engines(watched: Watched) -> None:
    (size,) = watched.prometheus.query("node_filesystem_size_bytes")
    assert (size.labels["mountpoint"], size.labels["fstype"]) == ("/", "overlay")
    assert size.value > 2**30


def test_prometheus_knows_alertmanager_below_its_prefix(watched: Watched) -> None:
    known = watched.prometheus.get("alertmanagers")["activeAlertmanagers"]
    assert known == [{"url": "http://alertmanager:9093/alertmanager/api/v2/alerts"}]
    assert watched.alertmanager("/status")["cluster"]["status"] == "disabled"


def test_every_metric_that_rules_name_is_there(watched: Watched) -> None:
    asked = " ".join(rule["query"] for kind in ("record", "alert") for rule in watched.rules(kind))
    named = {name for name in _METRIC.findall(asked) if _THERE.match(name)}
    # So that an empty list isn't taken for a good one.
    assert {"sutazai_container_healthy", "sutazai_ledger_used", "redis_up", "pg_up"} <= named
    assert named - watched.names() == set()


def test_key_figures_are_asked_of_it_by_the_command(watched: Watched) -> None:
    def said() -> dict[str, Any]:
        command = ("kpi", "--stack", watched.lab.stack, "--json", "--window", "10m")
        answer: dict[str, Any] = json.loads(watched.lab.run("sutazai", *command).worked().output)
        values = {one["key"]: one["value"] for one in answer["figures"]}
        shares = [values[key] for key in ("memory_waste", "cpu_waste", "memory_used_of_limits", "host_cpu")]
        assert None not in shares
        assert all(0 < share <= 1 for share in shares)
        assert (values["task_completion"], values["queue_most"]) != (None, None)
        return answer

    found = eventually(said, PATIENCE_S, interval=3)
    scopes = {one["scope"]: one for one in found["scopes"]}
    assert set(scopes) == {"stack", "pool agents", "pool infrastructure", "tier 1", "tier 2"}
    assert scopes["stack"]["memory_used_mib"] > scopes["pool infrastructure"]["memory_used_mib"] > 0
    assert {one["key"]: one["value"] for one in found["figures"]}["task_completion"] == 1


def test_what_follows_from_something_worse_is_silent(watched: Watched) -> None:
    def states() -> dict[str, str]:
        found = watched.alertmanager("/alerts")
        return {alert["labels"]["alertname"]: alert["status"]["state"] for alert in found}

    posted = {
        "ServiceUnhealthy": ("critical", "shop", "active"),
        "ProbeFailed": ("critical", "shop", "suppressed"),
        "ServiceMemoryHigh": ("warning", "shop", "suppressed"),
        "ServiceThrottled": ("warning", "other", "active"),
    }
    labels = [
        {"alertname": name, "severity": severity, "service": service, "priority": "high"}
        for name, (severity, service, _) in posted.items()
    ]
    watched.alertmanager("/alerts", [{"labels": one} for one in labels])
    expected = {name: state for name, (*_, state) in posted.items()}
    # Judged when its group is told for the first time.
    assert eventually(lambda: expected.items() <= states().items(), 60)


def test_redis_is_stopped_and_somebody_is_told(watched: Watched) -> None:
    watched.lab.container("redis").stop()

    # Scraped within 30 s, judged within 30 s more, true for a minute, and 10 s for others of its group.
    alert = watched.webhook.alert("RedisDown", 180)

    assert (alert["receiver"], alert["status"]) == ("webhook", "firing")
    labels = alert["labels"]
    assert (labels["severity"], labels["priority"], labels["service"]) == ("critical", "critical", "redis")
    assert alert["annotations"] == {
        "summary": "Redis does not answer its exporter.",
        "runbook_url": "docs/runbooks.md#redisdown",
    }
