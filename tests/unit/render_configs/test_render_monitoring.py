"""Prometheus, alerts and dashboards: they speak of what is there, by names that somebody exports."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from sutazai_infra.render.dashboards.renderers import PAGES
from tests.unit.render_configs.render_stack import changed, rendered, service

WORKLOAD = Path(__file__).parents[3] / "images" / "workload" / "workload"


def scrapes(**changes: Any) -> dict[str, Any]:
    document = yaml.safe_load(rendered(**changes)["prometheus"])
    return {job["job_name"]: job for job in document["scrape_configs"]}


def targets(job: dict[str, Any]) -> list[str]:
    return [target for static in job.get("static_configs", ()) for target in static["targets"]]


def notes(text: str) -> str:
    return " ".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))


def test_prometheus_scrapes_what_it_shares_a_network_with() -> None:
    assert {name: targets(job) for name, job in scrapes().items() if name != "blackbox"} == {
        "agents": [],
        "alertmanager": ["alertmanager:9093"],
        "backend": ["backend:8000"],
        "blackbox-exporter": ["blackbox-exporter:9115"],
        "container-exporter": ["container-exporter:9105"],
        "gateway": ["gateway:8404"],
        "grafana": ["grafana:3000"],
        "node-exporter": ["node-exporter:9100"],
        "prometheus": ["prometheus:9090"],
    }


def test_prometheus_says_what_it_does_not_reach() -> None:
    said = notes(rendered()["prometheus"])
    assert "Out of reach, no common network: agent-far, engine-proxy, frontend, pgbouncer, postgres." in said


def test_each_replica_is_a_target_of_its_own() -> None:
    assert targets(scrapes(replicas={"backend": 2})["backend"]) == ["backend:8000", "backend-2:8000"]


def test_agents_are_asked_for_so_that_one_more_changes_nothing() -> None:
    job = scrapes()["agents"]
    discovery = {"url": "http://container-exporter:9105/targets/agents", "refresh_interval": "60s"}
    assert job["http_sd_configs"] == [discovery]
    changed_plan = rendered(service("agent-new", 8080, pool="agents", image="workload", kind="agent"))
    assert changed_plan["prometheus"] == rendered()["prometheus"]


def test_without_the_exporter_nobody_is_asked_and_it_says_so() -> None:
    without = ("container-exporter", "engine-proxy")
    assert not {"agents", "container-exporter"} & set(scrapes(without=without))
    assert "No container-exporter in reach" in notes(rendered(without=without)["prometheus"])


def test_only_the_exporter_of_containers_says_itself_whose_metrics_it_has() -> None:
    assert [name for name, job in scrapes().items() if job.get("honor_labels")] == ["container-exporter"]


def test_a_target_carries_what_alerts_are_routed_by() -> None:
    static = scrapes(replicas={"backend": 2})["backend"]["static_configs"][1]
    assert static["labels"] == {
        "name": "backend-2",
        "service": "backend",
        "pool": "infrastructure",
        "tier": "1",
        "priority": "high",
    }


def test_prometheus_and_alertmanager_are_asked_below_their_prefixes() -> None:
    found = scrapes()
    assert found["prometheus"]["metrics_path"] == "/prometheus/metrics"
    assert found["alertmanager"]["metrics_path"] == "/alertmanager/metrics"
    (manager,) = yaml.safe_load(rendered()["prometheus"])["alerting"]["alertmanagers"]
    assert manager["path_prefix"] == "/alertmanager/"


def test_a_gateway_that_speaks_tls_is_probed_with_the_stacks_authority() -> None:
    ports = ({"name": "https", "container": 8443}, {"name": "stats", "container": 8404})
    authority = {"path": "/run/secrets/ca.pem", "content": "${ca-certificate}"}
    secure = (
        changed("gateway", ports=ports, probe={"http": {"port": 8404, "path": "/health"}}, configs={}),
        changed("blackbox-exporter", secrets=(authority,)),
    )
    texts = rendered(*secure)
    (job,) = (j for j in yaml.safe_load(texts["prometheus"])["scrape_configs"] if j["job_name"] == "blackbox")
    assert targets(job)[-2:] == ["https://gateway:8443/", "https://gateway:8443/api/v1/queues"]
    module = yaml.safe_load(texts["blackbox"])["modules"]["http_2xx"]
    assert module["http"]["tls_config"] == {"ca_file": "/run/secrets/ca.pem"}


def test_probes_go_through_the_exporter_to_what_it_is_linked_to() -> None:
    assert targets(scrapes()["blackbox"]) == [
        "http://frontend:8501/",
        "https://gateway:8443/",
        "https://gateway:8443/api/v1/queues",
    ]


def test_without_an_alertmanager_and_an_exporter_neither_is_named() -> None:
    text = rendered(without=("alertmanager", "blackbox-exporter"))["prometheus"]
    assert "alertmanager" not in text
    assert "blackbox" not in text


def test_each_threshold_has_a_rule_for_when_there_is_nothing_to_judge_by() -> None:
    groups = {group["name"]: group["rules"] for group in yaml.safe_load(rendered()["prometheus-alerts"])["groups"]}
    judged = {metric for rule in groups["thresholds"] for metric in metrics(rule["expr"])}
    watched = {metric for rule in groups["absence"] for metric in metrics(rule["expr"])}
    # The queues' depth may be absent for want of queues; their limit may not.
    assert {"sutazai_queue_limit" if name == "sutazai_queue_depth" else name for name in judged} <= watched


def test_the_metrics_of_backend_and_agents_have_the_names_that_these_export() -> None:
    exported = {
        name for path in WORKLOAD.glob("*.py") for name in re.findall(r'"(sutazai_[a-z_]+)"', path.read_text())
    }
    rules = [
        rule["expr"]
        for group in yaml.safe_load(rendered()["prometheus-alerts"])["groups"]
        for rule in group["rules"]
    ]
    asked = [expression for page in PAGES for expression in page.expressions]
    # Of a histogram, what is asked for is a part of it.
    named = {
        re.sub("_(bucket|sum|count)$", "", metric)
        for expression in (*asked, *rules)
        for metric in metrics(expression)
    }
    # The exporter's names are asked of a running Prometheus, by an integration test.
    own = {
        name for name in named if not re.match("sutazai_(container|core|foreign|ledger|plan|pool|snapshot)_", name)
    }
    own = {name for name in own if name.startswith("sutazai_")}
    assert own
    assert own <= exported


def metrics(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:sutazai|node|haproxy|probe)_[a-z_]+\b", expression, re.IGNORECASE))


def test_a_source_of_data_is_named_only_where_it_is_in_the_stack() -> None:
    def sources(**changes: Any) -> list[str]:
        return [one["name"] for one in yaml.safe_load(rendered(**changes)["grafana-datasources"])["datasources"]]

    assert sources() == ["prometheus", "alertmanager"]
    assert sources(without=("alertmanager",)) == ["prometheus"]


def test_the_provider_reads_the_folder_that_the_dashboards_are_put_into() -> None:
    (provider,) = yaml.safe_load(rendered()["grafana-dashboards"])["providers"]
    assert provider["options"]["path"] == "/run/configs/dashboards"


def test_a_fresh_service_with_metrics_becomes_a_job() -> None:
    of_qdrant = service("qdrant", 6333, pool="agents")
    document = yaml.safe_load(rendered(of_qdrant)["prometheus"])
    assert "qdrant" in {job["job_name"] for job in document["scrape_configs"]}
