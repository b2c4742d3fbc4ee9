"""Every rendered text, whole. After a wanted change: SUTAZAI_WRITE_GOLDENS=1 pytest tests/unit/render_configs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.render.configs import RENDERERS
from sutazai_infra.render.dashboards.renderers import DASHBOARDS
from tests.unit.render_configs.render_stack import rendered, service

GOLDEN = Path(__file__).parent / "golden"
# The dashboards' JSON is long, and says little that its own tests don't.
NAMES = sorted(set(RENDERERS) - set(DASHBOARDS))


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return rendered()


@pytest.mark.parametrize("name", NAMES)
def test_a_rendered_text_is_the_golden_one(texts: dict[str, str], name: str) -> None:
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("SUTAZAI_WRITE_GOLDENS"):
        golden.write_text(texts[name])
    assert texts[name] == golden.read_text()


def test_the_same_plan_gives_the_same_texts(texts: dict[str, str]) -> None:
    assert rendered() == texts


def test_every_text_ends_with_a_line_end(texts: dict[str, str]) -> None:
    assert [name for name, text in texts.items() if not text.endswith("\n") or text.endswith("\n\n")] == []


def test_only_what_a_resident_names_is_rendered() -> None:
    assert set(rendered(without=("gateway", "grafana"))) == {
        "alertmanager",
        "blackbox",
        "engine-proxy",
        "pgbouncer",
        "plan-facts",
        "prometheus",
        "prometheus-alerts",
        "prometheus-recording",
    }


def test_a_renderer_that_does_not_exist_is_refused_with_the_way_out() -> None:
    with pytest.raises(SutazaiError) as refusal:
        rendered(service("loki", 3100, pool="agents", configs={"/run/configs/loki.yaml": "loki"}))
    assert str(refusal.value) == "services/loki/configs: no renderer 'loki' yet; disable the service"


def test_a_renderer_that_does_not_exist_does_not_matter_while_its_service_is_off() -> None:
    loki = service("loki", 3100, pool="agents", configs={"/run/configs/loki.yaml": "loki"})
    assert "loki" not in rendered(loki, without=("loki",))
