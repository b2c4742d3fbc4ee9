"""Rendered texts, read by the programs that they are for: the catalogue's own stack on the strategy's host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from sutazai_infra.model.service import PriorityClass
from sutazai_infra.model.settings import Settings
from sutazai_infra.render.dashboards.renderers import DASHBOARDS
from tests.integration.debian_tools import DebianTools
from tests.integration.gateway_lab import certificate, gateway_text
from tests.integration.rendered_stack import rendered_stack


@pytest.fixture(scope="session")
def tools(request: pytest.FixtureRequest) -> DebianTools:
    return DebianTools(request.config.cache.mkdir("debian-tools"))


@pytest.fixture(scope="module")
def texts() -> Mapping[str, str]:
    return rendered_stack()


@pytest.fixture
def prometheus(texts: Mapping[str, str], tmp_path: Path) -> Path:
    """Return the folder that stands for /run/configs in Prometheus' container."""
    (tmp_path / "prometheus.yml").write_text(texts["prometheus"].replace("/run/configs", str(tmp_path)))
    (tmp_path / "recording.yml").write_text(texts["prometheus-recording"])
    (tmp_path / "alerts.yml").write_text(texts["prometheus-alerts"])
    return tmp_path


def test_promtool_takes_the_configuration_and_its_rules(tools: DebianTools, prometheus: Path) -> None:
    checked = tools.run("promtool", "check", "config", str(prometheus / "prometheus.yml"))
    assert checked.returncode == 0, checked.stdout
    assert "2 rule files found" in checked.stdout
    assert "is valid prometheus config file syntax" in checked.stdout


def test_promtool_takes_every_query_of_the_dashboards(
    tools: DebianTools, texts: Mapping[str, str], tmp_path: Path
) -> None:
    panels = [panel for name in DASHBOARDS for panel in json.loads(texts[name])["panels"]]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    rules = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    checked = tools.run("promtool", "check", "rules", str(tmp_path / "queries.yml"))
    assert checked.returncode == 0, checked.stdout
    assert f"{len(queries)} rules found" in checked.stdout


@pytest.mark.parametrize(
    ("webhook", "receiver"), [(None, "null"), ("http://hooks:9/alerts", "webhook")], ids=["nobody", "a webhook"]
)
def test_amtool_takes_the_configuration_and_routes_by_priority(
    tools: DebianTools, tmp_path: Path, webhook: str | None, receiver: str
) -> None:
    path = tmp_path / "alertmanager.yml"
    path.write_text(rendered_stack(alert_webhook=webhook)["alertmanager"])
    checked = tools.run("amtool", "check-config", str(path))
    assert checked.returncode == 0, checked.stdout
    for priority in PriorityClass:
        routed = tools.run("amtool", "config", "routes", "test", f"--config.file={path}", f"priority={priority}")
        assert routed.stdout.splitlines()[-1] == receiver


def test_the_blackbox_exporter_takes_its_configuration(
    tools: DebianTools, texts: Mapping[str, str], tmp_path: Path
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
