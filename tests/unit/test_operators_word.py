"""What the operator allows in policy/stacks.yaml is what the catalogue asks for: no more, and nothing forgotten.

The pack believes nothing that the program says, so links and shared volumes are written twice. This test is where
the two meet; the pack itself never reads the catalogue.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from sutazai_infra.inputs.catalogue import load_catalogue

_ROOT = Path(__file__).parents[2]


def _said(rule: str) -> dict[str, Any]:
    stacks = yaml.safe_load((_ROOT / "policy/stacks.yaml").read_text(encoding="utf-8"))
    said: dict[str, Any] = stacks["*"][rule]
    return said


def test_the_links_that_the_operator_allows_are_the_catalogues() -> None:
    asked = {
        link.to: sorted((*link.from_pools, *link.from_services))
        for link in load_catalogue(_ROOT / "catalogue").links
    }

    assert {to: sorted(who) for to, who in _said("pool-links")["links"].items()} == asked


def test_the_volumes_that_two_may_write_are_those_that_the_catalogue_shares() -> None:
    volumes = load_catalogue(_ROOT / "catalogue").volumes
    patterns = _said("volume-writers")["shared"]

    for volume in volumes:
        matches = [pattern for pattern in patterns if fnmatchcase(f"sutazai-prod-{volume.name}", pattern)]
        assert bool(matches) == bool(volume.shared), volume.name
    assert len(patterns) == sum(1 for volume in volumes if volume.shared)
