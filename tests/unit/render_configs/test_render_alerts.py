"""Every alert says how urgent it is, whose, and what to do; none judges what the stack doesn't have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.service import PriorityClass
from sutazai_infra.model.settings import Settings
from sutazai_infra.render.alerts import GROUPS
from sutazai_infra.render.recording import RECORDED
from tests.integration.alert_cases import CASES
from tests.unit.render_configs.render_stack import changed, rendered, service

DOCS = Path(__file__).parents[3] / "docs"
NAMES = [alert.name for group in GROUPS.values() for alert in group]
OF_THE_SERIES = '{{ or $labels.priority "medium" }}'
EXPORTERS = (service("postgres-exporter", 9187, pool="agents"), service("redis-exporter", 9121, pool="agents"))


def rules(*changes: dict[str, Any], without: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    groups = yaml.safe_load(rendered(*changes, without=without)["prometheus-alerts"])["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def runbooks() -> dict[str, str]:
    page = (DOCS / "runbooks.md").read_text()
    return dict(zip(re.findall(r"^## (.+)$", page, re.M), re.split(r"^## .+$", page, flags=re.M)[1:], strict=True))


def test_a_stack_that_has_everything_has_every_alert_once() -> None:
    assert sorted(rules(*EXPORTERS)) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_has_a_severity_and_a_priority(name: str) -> None:
    labels = rules(*EXPORTERS)[name]["labels"]
    assert labels["severity"] in {"critical", "warning"}
    assert labels["priority"] in {OF_THE_SERIES, *PriorityClass}


@pytest.mark.parametrize("name", NAMES)
def test_an_alert_leads_to_a_runbook_that_says_what_it_means_where_to_look_and_what_to_do(name: str) -> None:
    annotations = rules(*EXPORTERS)[name]["annotations"]
    assert annotations["runbook_url"] == f"docs/runbooks.md#{name.lower()}"
    parts = re.findall(r"^\*\*(\w+)\.\*\*", runbooks()[name], re.M)
    assert parts == ["Means", "Look", "Act"]


def test_no_runbook_is_for_an_alert_that_is_no_more() -> None:
    assert list(runbooks()) == sorted(NAMES)


@pytest.mark.parametrize("fires", [True, False], ids=["fires", "is silent"])
def test_promtool_judges_a_case_of_each_alert_in_which_it(*, fires: bool) -> None:
    assert {case.alert for case in CASES if case.fires is fires} == set(NAMES)


def test_an_alert_about_a_service_has_its_priority() -> None:
    assert rules(changed("backend", priority="low"))["AgentQueueDeep"]["labels"] == {
        "severity": "warning",
        "priority": "low",
        "service": "backend",
    }


@pytest.mark.parametrize(
    ("without", "silent"),
    [
        (("gateway",), {"GatewayServerDown", "GatewayBudgetBurnsFast", "CertificateExpires"}),
        (("backend",), {"AgentQueueDeep", "QueueMetricsMissing"}),
        (("alertmanager",), {"AlertsUndelivered"}),
        (("agent-near", "agent-far"), {"AgentsUndiscovered"}),
        (("container-exporter", "engine-proxy"), {"AgentsUndiscovered"}),
    ],
)
def test_nothing_is_judged_that_the_stack_does_not_have(without: tuple[str, ...], silent: set[str]) -> None:
    assert silent <= set(rules())
    assert not silent & set(rules(without=without))


def test_a_host_and_containers_that_nobody_measures_are_told_of() -> None:
    without = ("node-exporter", "container-exporter", "engine-proxy")
    assert {"HostMetricsMissing", "ContainerMetricsMissing"} <= set(rules(without=without))


def test_alerts_are_posted_to_the_stacks_webhook_by_priority() -> None:
    written = yaml.safe_load(rendered(alert_webhook="https://hooks.example.org/a")["alertmanager"])
    assert written["receivers"] == [
        {"name": "webhook", "webhook_configs": [{"url": "https://hooks.example.org/a", "send_resolved": True}]}
    ]
    assert written["route"]["receiver"] == "webhook"
    assert [route["matchers"] for route in written["route"]["routes"]] == [
        ['priority = "critical"'],
        ['priority =~ "medium|low|background"'],
    ]


@pytest.mark.parametrize("url", ["hooks.example.org", "ftp://a/b", "https://user:secret@a/b", "https://a b/"])
def test_what_is_no_address_or_has_a_password_in_it_is_no_webhook(url: str) -> None:
    with pytest.raises(SutazaiError, match="alert_webhook"):
        Settings.parsed("settings", {"alert_webhook": url})


def test_what_is_judged_of_recorded_figures_is_recorded() -> None:
    named = {name for rule in rules().values() for name in re.findall(r"sutazai:[a-z0-9_:]+", rule["expr"])}
    assert named
    assert named <= RECORDED


def test_each_figure_is_recorded_once() -> None:
    groups = yaml.safe_load(rendered()["prometheus-recording"])["groups"]
    recorded = [rule["record"] for group in groups for rule in group["rules"]]
    assert sorted(recorded) == sorted(RECORDED)
