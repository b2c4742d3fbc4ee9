"""Every alert, judged by promtool: it fires when it should, and is silent when it shouldn't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.alert_cases import CASES, STEP, Case
from tests.integration.debian_tools import DebianTools
from tests.integration.rendered_stack import rendered_stack

REDIS = '{name="redis",service="redis",priority="critical"}'


@pytest.fixture(scope="module")
def tools(request: pytest.FixtureRequest) -> DebianTools:
    return DebianTools(request.config.cache.mkdir("debian-tools"))


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    texts = rendered_stack()
    (folder / "recording.yml").write_text(texts["prometheus-recording"])
    (folder / "alerts.yml").write_text(texts["prometheus-alerts"])
    return folder


def judged(tools: DebianTools, rules: Path, series: dict[str, str], **questions: Any) -> None:
    """Let promtool compare; fail with what it found."""
    given = [{"series": name, "values": values} for name, values in series.items()]
    case = {"interval": f"{STEP}s", "input_series": given, **questions}
    files = ["recording.yml", "alerts.yml"]
    document = {"rule_files": files, "evaluation_interval": f"{STEP}s", "tests": [case]}
    (rules / "test.yml").write_text(yaml.safe_dump(document))
    tested = tools.run("promtool", "test", "rules", str(rules / "test.yml"))
    assert tested.returncode == 0, tested.stdout


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_alert_fires_above_its_threshold_only(tools: DebianTools, rules: Path, case: Case) -> None:
    question = f'count by (alertname) (ALERTS{{alertname="{case.alert}",alertstate="firing"}})'
    expected = [{"labels": f'{{alertname="{case.alert}"}}', "value": 1}] if case.fires else []
    asked = {"expr": question, "eval_time": f"{case.minutes}m", "exp_samples": expected}
    judged(tools, rules, case.series, promql_expr_test=[asked])


def test_an_alert_says_whose_it_is_how_urgent_and_what_to_do(tools: DebianTools, rules: Path) -> None:
    series = {
        f"sutazai_container_memory_working_set_bytes{REDIS}": "900x80",
        f"sutazai_container_memory_limit_bytes{REDIS}": "1000x80",
    }
    expected = {
        "exp_labels": {"severity": "warning", "priority": "critical", "service": "redis", "name": "redis"},
        "exp_annotations": {
            "summary": "redis takes 90% of its memory limit, above 85 %; at 100 % the kernel kills it."
            " Raise its limit, or find out what it holds.",
            "runbook_url": "docs/runbooks.md#servicememoryhigh",
        },
    }
    asked = {"eval_time": "10m", "alertname": "ServiceMemoryHigh", "exp_alerts": [expected]}
    judged(tools, rules, series, alert_rule_test=[asked])


def test_what_names_no_class_is_of_medium_priority(tools: DebianTools, rules: Path) -> None:
    expected = {
        "exp_labels": {"severity": "critical", "priority": "medium", "job": "a", "instance": "a:1"},
        "exp_annotations": {
            "summary": "a:1 has not answered Prometheus for 5 minutes.",
            "runbook_url": "docs/runbooks.md#targetdown",
        },
    }
    asked = {"eval_time": "10m", "alertname": "TargetDown", "exp_alerts": [expected]}
    judged(tools, rules, {'up{job="a",instance="a:1"}': "0x80"}, alert_rule_test=[asked])
