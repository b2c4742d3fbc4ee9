"""The dashboards: each is whole, deterministic, and asks a source that is there."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.operations.top.work import QUESTION
from sutazai_infra.render.dashboards.build import built
from sutazai_infra.render.dashboards.page import Draw, Page, Panel, Unit
from sutazai_infra.render.dashboards.renderers import DASHBOARDS, PAGES
from sutazai_infra.render.recording import RECORDED
from tests.unit.cli.projects import REPOSITORY
from tests.unit.render_configs.render_stack import rendered

RECORD = re.compile(r"\bsutazai:\w+:\w+")


@cache
def texts() -> Mapping[str, str]:
    return rendered()


def of(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(texts()[name])
    return document


def panels(name: str) -> list[dict[str, Any]]:
    return [panel for panel in of(name)["panels"] if panel["type"] != "row"]


def drawn(**fields: Any) -> dict[str, Any]:
    """Return what becomes of one panel."""
    page = Page("any", "Any", {"All": (Panel("One", {"up": "{{job}}"}, **fields),)})
    panel: dict[str, Any] = json.loads(built(page))["panels"][1]
    return panel


def test_what_is_looked_at_is_a_page_of_its_own() -> None:
    assert [of(name)["title"] for name in DASHBOARDS] == [
        "SutazAI: Host and core map",
        "SutazAI: Pools and tiers against budget",
        "SutazAI: Agents and tasks",
        "SutazAI: Services: health, restarts, limits",
        "SutazAI: Objectives",
        "SutazAI: Gateway and mesh",
    ]


@pytest.mark.parametrize("name", DASHBOARDS)
def test_no_two_panels_are_on_one_spot_and_none_is_beside_the_page(name: str) -> None:
    spots = [
        (x, y)
        for place in (panel["gridPos"] for panel in of(name)["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(spots) == len(set(spots))
    assert {x for x, _ in spots} == set(range(24))


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_panel_asks_a_source_that_is_provided_and_has_a_number_of_its_own(name: str) -> None:
    provided = {one["uid"] for one in yaml.safe_load(texts()["grafana-datasources"])["datasources"]}
    asked = {target["datasource"]["uid"] for panel in panels(name) for target in panel["targets"]}
    assert asked == {panel["datasource"]["uid"] for panel in panels(name)}
    assert asked <= provided
    numbers = [panel["id"] for panel in of(name)["panels"]]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_dashboard_asks_all_that_its_page_has(page: Page) -> None:
    asked = [target["expr"] for panel in panels(f"grafana-dashboard-{page.name}") for target in panel["targets"]]
    assert asked == list(page.expressions)
    assert [panel["title"] for panel in panels(f"grafana-dashboard-{page.name}")] == [p.title for p in page.panels]


def test_what_is_recorded_is_asked_by_names_that_are_recorded() -> None:
    asked = {name for page in PAGES for query in page.expressions for name in RECORD.findall(query)}
    assert asked
    assert asked <= RECORDED
    assert set(RECORD.findall(QUESTION)) <= RECORDED


def test_legends_name_labels_that_their_queries_keep() -> None:
    aggregated = re.compile(r"^(?:60 \* )?(?:sum|avg|max|min|count) by \(([^)]*)\)")
    for page in PAGES:
        for panel in page.panels:
            for query, legend in panel.queries.items():
                kept = aggregated.match(query)
                named = set(re.findall(r"\{\{(\w+)\}\}", legend))
                assert kept is None or named <= {label.strip() for label in kept[1].split(",")}, (query, legend)


def test_a_threshold_is_a_line_and_red_above_it() -> None:
    field = drawn(most=0.8, unit=Unit.SHARE)["fieldConfig"]["defaults"]
    steps = [{"color": "green", "value": None}, {"color": "red", "value": 0.8}]
    assert field["thresholds"] == {"mode": "absolute", "steps": steps}
    assert field["custom"]["thresholdsStyle"] == {"mode": "line"}
    assert field["unit"] == "percentunit"
    assert len(drawn()["fieldConfig"]["defaults"]["thresholds"]["steps"]) == 1


@pytest.mark.parametrize(
    ("draw", "kind", "instant"),
    [
        (Draw.LINES, "timeseries", False),
        (Draw.STACKED, "timeseries", False),
        (Draw.STATES, "state-timeline", False),
        (Draw.BARS, "bargauge", True),
        (Draw.NUMBER, "stat", False),
        (Draw.TABLE, "table", True),
    ],
)
def test_what_is_shown_as_of_now_is_asked_once(draw: Draw, kind: str, *, instant: bool) -> None:
    panel = drawn(draw=draw)
    (target,) = panel["targets"]
    assert (panel["type"], target["instant"], target["range"]) == (kind, instant, not instant)


def test_only_shares_end_at_one() -> None:
    assert drawn(draw=Draw.BARS, unit=Unit.SHARE)["fieldConfig"]["defaults"]["max"] == 1
    assert "max" not in drawn(draw=Draw.BARS, unit=Unit.BYTES)["fieldConfig"]["defaults"]


def test_grafana_of_the_catalogue_has_every_dashboard_in_one_folder() -> None:
    grafana = load_catalogue(REPOSITORY / "catalogue").service("grafana")
    there = {path: name for path, name in grafana.configs.items() if name in DASHBOARDS}
    assert there == {
        f"/run/configs/dashboards/{name.removeprefix('grafana-dashboard-')}.json": name for name in DASHBOARDS
    }


def test_who_has_no_grafana_does_not_load_its_sdk() -> None:
    loading = {"grafana_foundation_sdk", "sutazai_infra.render.dashboards.build"}
    found = {
        path.stem: module
        for path in (REPOSITORY / "sutazai_infra").rglob("*.py")
        for node in ast.parse(path.read_text()).body
        for module in _imported(node)
        if module in loading or module.partition(".")[0] in loading
    }
    assert set(found) == {"build"}


def _imported(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
