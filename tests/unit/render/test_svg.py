from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from sutazai_infra.model.plan import Plan
from sutazai_infra.render.drawing import colours, fitted
from sutazai_infra.render.svg import plan_svg
from tests.unit.render.plan_samples import sample_plan

SVG = "{http://www.w3.org/2000/svg}"


def line(scope: str, dimension: str, used: float, limit: float) -> dict[str, Any]:
    return {"scope": scope, "dimension": dimension, "unit": "MiB", "used": used, "limit": limit, "held": True}


LEDGER = [
    line("pool web", "memory requests", 768, 4096),
    line("pool web", "memory limits", 1024, 4096),
    line("pool agents + ml", "memory requests", 192, 2048),
    line("pool ml", "memory requests", 0, 896),
]


def drawn(plan: Plan | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(plan_svg(plan or sample_plan(ledger=LEDGER), "lab"))  # noqa: S314 - our own text


def words(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_every_core_has_a_box_with_its_number() -> None:
    assert [word for word in words(drawn()) if word in {"0", "1", "2", "3"}][:4] == ["0", "1", "2", "3"]


def test_groups_are_named_with_their_cores_requests_and_services() -> None:
    found = words(drawn())
    assert found[found.index("1-2") + 1 : found.index("1-2") + 3] == ["1 of 2 cores", "api, cache"]


def test_borrowers_are_named_with_their_weight() -> None:
    assert "borrowed, at weight 200" in words(drawn())


def test_a_budget_that_is_part_of_another_is_drawn_once() -> None:
    found = words(drawn())
    assert "agents + ml" in found
    assert "192 MiB requested, limits 0 MiB, of 2.00 GiB" in found
    assert "0 MiB requested, limits 0 MiB, of 896 MiB" not in found


def test_nothing_leaves_the_paper() -> None:
    for plan in (sample_plan(ledger=LEDGER), sample_plan(host={"cores": 128, "memory_mib": 262144})):
        root = drawn(plan)
        width, height = (float(root.attrib[side]) for side in ("width", "height"))
        boxes = [
            {side: float(box.attrib.get(side, 0)) for side in ("x", "y", "width", "height")}
            for box in root.iter(f"{SVG}rect")
        ]
        assert [box for box in boxes if box["x"] + box["width"] > width or box["y"] + box["height"] > height] == []


def test_the_drawing_needs_nothing_from_elsewhere() -> None:
    text = plan_svg(sample_plan(ledger=LEDGER), "lab")
    assert re.findall(r"(?:href|url\((?!#)|@import|<style|<script|<image)", text) == []


def test_names_are_escaped() -> None:
    assert "Stack a&amp;&lt;b&gt;" in plan_svg(sample_plan(), "a&<b>")


def test_one_name_has_one_colour() -> None:
    assert colours(["web", "agents", "agents", "ml"]).keys() == {"web", "agents", "ml"}


def test_a_line_that_is_too_long_ends_in_an_ellipsis() -> None:
    assert fitted("alertmanager, chromadb", 90, 10) == "alertmanager, c…"


def test_a_line_without_room_is_left_out() -> None:
    assert fitted("alertmanager", 10) == ""
