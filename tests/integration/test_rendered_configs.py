"""Rendered texts, read by the programs that they are for: the catalogue's own stack on the strategy's host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.planner import plan
from sutazai_infra.render.configs import render_configs
from tests.integration.debian_tools import DebianTools
from tests.integration.gateway_lab import certificate, gateway_text

ROOT = Path(__file__).parents[2]
STRATEGY_HOST = {
    "cores": 12,
    "memory": "29.38Gi",
    "reserved_cores": "0-1",
    "system_reserve": "2Gi",
    "emergency_reserve": "0.38Gi",
}
STEP = 30


@pytest.fixture(scope="session")
def tools(request: pytest.FixtureRequest) -> DebianTools:
    return DebianTools(request.config.cache.mkdir("debian-tools"))


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    settings = Settings.parsed("settings", {"host": STRATEGY_HOST, "pool_cgroups": "required"})
    catalogue = load_catalogue(ROOT / "catalogue")
    assert settings.host != "auto"
    host = settings.host.host().model_copy(update={"pool_cgroups": True})
    return render_configs(plan(catalogue, host, settings), catalogue, settings)


@pytest.fixture
def prometheus(texts: dict[str, str], tmp_path: Path) -> Path:
    """Return the folder that stands for /run/configs in Prometheus' container."""
    (tmp_path / "prometheus.yml").write_text(texts["prometheus"].replace("/run/configs", str(tmp_path)))
    (tmp_path / "alerts.yml").write_text(texts["prometheus-alerts"])
    return tmp_path


def test_promtool_takes_the_configuration_and_its_rules(tools: DebianTools, prometheus: Path) -> None:
    checked = tools.run("promtool", "check", "config", str(prometheus / "prometheus.yml"))
    assert checked.returncode == 0, checked.stdout
    assert "1 rule files found" in checked.stdout
    assert "is valid prometheus config file syntax" in checked.stdout


def test_promtool_takes_every_query_of_the_dashboard(
    tools: DebianTools, texts: dict[str, str], tmp_path: Path
) -> None:
    panels = json.loads(texts["grafana-dashboard"])["panels"]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    rules = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    checked = tools.run("promtool", "check", "rules", str(tmp_path / "queries.yml"))
    assert checked.returncode == 0, checked.stdout
    assert f"{len(queries)} rules found" in checked.stdout


def idle(share: float) -> dict[str, str]:
    return {'node_cpu_seconds_total{instance="host",mode="idle"}': f"0+{share * STEP}x80"}


def memory(mib: int) -> dict[str, str]:
    labels = '{service="redis",pool="infrastructure",tier="1"}'
    return {
        f"sutazai_container_memory_working_set_bytes{labels}": f"{mib}x80",
        f"sutazai_container_memory_limit_bytes{labels}": "1000x80",
    }


def restarts(count: int) -> dict[str, str]:
    steps = " ".join(str(min(count, step // 10)) for step in range(121))
    return {'sutazai_container_restarts_total{service="agent",pool="agents",tier="2"}': steps}


def queues(*depths: int) -> dict[str, str]:
    """Two backends that report the same queues."""
    return {
        f'sutazai_queue_depth{{instance="{backend}",type="t{number}"}}': f"{depth}x80"
        for backend in ("backend", "backend-2")
        for number, depth in enumerate(depths)
    }


@pytest.mark.parametrize(
    ("alert", "series", "minutes", "fires"),
    [
        pytest.param("HostCpuHigh", idle(0.20), 30, False, id="80 % of the host's CPU is not above 80 %"),
        pytest.param("HostCpuHigh", idle(0.19), 30, True, id="81 % of the host's CPU is"),
        pytest.param("HostCpuHigh", idle(0.19), 4, False, id="but not before five minutes have passed"),
        pytest.param(
            "ServiceMemoryHigh", memory(850), 10, False, id="85 % of a service's memory is not above 85 %"
        ),
        pytest.param("ServiceMemoryHigh", memory(851), 10, True, id="a little more is"),
        pytest.param("ServiceRestartsOften", restarts(3), 60, False, id="3 restarts an hour are not above 3"),
        pytest.param("ServiceRestartsOften", restarts(4), 60, True, id="4 are"),
        pytest.param(
            "AgentQueueDeep", queues(60, 40), 5, False, id="100 tasks are not above 100, seen twice or not"
        ),
        pytest.param("AgentQueueDeep", queues(60, 41), 5, True, id="101 are"),
        pytest.param("AgentQueueDeep", {}, 5, False, id="no queue is no deep queue"),
        pytest.param("HostMetricsMissing", {}, 15, True, id="a host that nobody measures is told of"),
        pytest.param("HostMetricsMissing", idle(0.5), 15, False, id="a measured host is not"),
        pytest.param("ContainerMetricsMissing", memory(1), 15, True, id="containers without restarts are told of"),
        pytest.param("ContainerMetricsMissing", memory(1) | restarts(0), 15, False, id="measured ones are not"),
        pytest.param("QueueMetricsMissing", queues(1), 15, True, id="a backend without a limit is told of"),
        pytest.param("QueueMetricsMissing", {"sutazai_queue_limit": "5x80"}, 15, False, id="one with it is not"),
        pytest.param("TargetDown", {'up{job="a",service="a"}': "0x80"}, 6, True, id="a target that is down"),
        pytest.param("ProbeFailed", {'probe_success{service="a"}': "0x80"}, 3, True, id="a probe that fails"),
    ],
)
def test_an_alert_fires_above_its_threshold_only(
    tools: DebianTools, prometheus: Path, *, alert: str, series: dict[str, str], minutes: int, fires: bool
) -> None:
    question = f'count by (alertname) (ALERTS{{alertname="{alert}",alertstate="firing"}})'
    expected = [{"labels": f'{{alertname="{alert}"}}', "value": 1}] if fires else []
    case = {
        "interval": f"{STEP}s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [{"expr": question, "eval_time": f"{minutes}m", "exp_samples": expected}],
    }
    document = {"rule_files": ["alerts.yml"], "evaluation_interval": f"{STEP}s", "tests": [case]}
    (prometheus / "test.yml").write_text(yaml.safe_dump(document))
    tested = tools.run("promtool", "test", "rules", str(prometheus / "test.yml"))
    assert tested.returncode == 0, tested.stdout


def test_amtool_takes_the_configuration_and_routes_to_nobody(
    tools: DebianTools, texts: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "alertmanager.yml"
    path.write_text(texts["alertmanager"])
    checked = tools.run("amtool", "check-config", str(path))
    assert checked.returncode == 0, checked.stdout
    routed = tools.run("amtool", "config", "routes", "test", f"--config.file={path}", "severity=critical")
    assert routed.stdout.splitlines()[-1] == "null"


def test_the_blackbox_exporter_takes_its_configuration(
    tools: DebianTools, texts: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "blackbox.yml").write_text(texts["blackbox"])
    name = "prometheus-blackbox-exporter"
    checked = tools.run(name, "--config.check", f"--config.file={tmp_path / 'blackbox.yml'}")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("cores", [1, 2, 8, 12, 16, 24])
def test_haproxy_takes_the_configuration_of_any_host_without_a_warning(
    tools: DebianTools, tmp_path: Path, cores: int
) -> None:
    host = {"cores": cores, "memory": "29.38Gi"}
    settings = Settings.parsed("settings", {"host": host, "fit": "scale", "overcommit": 2, "agents": 8})
    (tmp_path / "haproxy.cfg").write_text(gateway_text(settings, certificate(tmp_path)))
    checked = tools.run("haproxy", "-c", "-f", str(tmp_path / "haproxy.cfg"))
    assert checked.returncode == 0, checked.stdout
    assert "WARNING" not in checked.stdout
