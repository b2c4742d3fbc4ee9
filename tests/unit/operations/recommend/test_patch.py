from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.model.quantities import parse_cpu, parse_memory
from sutazai_infra.model.service import Kind
from sutazai_infra.model.usage import Figure, Recommendation
from sutazai_infra.operations.recommend.patch import Edit, edited, patch_of, written
from sutazai_infra.planning.rightsizing import TEMPLATE, resized

ROOT = Path(__file__).parents[4]
CATALOGUE = ROOT / "catalogue"
TEXT = """\
# Why it is so.
services:
  api: # the first
    requests: {cpu: 0.2, memory: 320Mi} # measured
    limits:
      cpu: 1 # a whole one
      memory: "1Gi"
  other: {requests: {cpu: 0.2, memory: 1Gi}}
"""


def recommendation(entry: str, **advised: int) -> Recommendation:
    """Recommend the catalogue's numbers as they are, but for those that are given."""
    services = load_catalogue(CATALOGUE).services
    known = next(s for s in services if (s.kind is Kind.AGENT if entry == TEMPLATE else s.name == entry))
    now = {
        "cpu_request": known.requests.cpu,
        "memory_request": known.requests.memory,
        "cpu_limit": known.limits.cpu,
        "memory_limit": known.limits.memory,
    }
    figures = {key: Figure(now=amount, advised=advised.get(key, amount)) for key, amount in now.items()}
    return Recommendation(entry=entry, containers=1, samples=60, **figures)


def test_numbers_are_exchanged_where_they_stand_and_all_else_stays() -> None:
    path = ("services", "api")
    edits = [
        Edit((*path, "requests", "memory"), "116Mi"),
        Edit((*path, "limits", "cpu"), "1.5"),
        Edit((*path, "requests", "cpu"), "0.006"),
        Edit((*path, "limits", "memory"), "2Gi"),
    ]
    assert edited(TEXT, edits) == TEXT.replace(
        "requests: {cpu: 0.2, memory: 320Mi} #", "requests: {cpu: 0.006, memory: 116Mi} #"
    ).replace("cpu: 1 #", "cpu: 1.5 #").replace('"1Gi"', "2Gi")


def test_a_path_that_is_not_there_changes_nothing() -> None:
    paths = [("services", "nobody", "requests"), ("services", "api", "requests"), ("agents",)]
    assert edited(TEXT, [Edit(path, "1") for path in paths]) == TEXT


@given(st.integers(0, 100_000), st.integers(1, 100_000))
def test_what_is_written_is_read_as_it_was_meant(millicores: int, mib: int) -> None:
    assert parse_cpu(written("requests/cpu", millicores)) == millicores
    assert parse_memory(written("limits/memory", mib)) == mib


def test_a_patch_of_the_real_catalogue_keeps_comments_and_git_takes_it(tmp_path: Path) -> None:
    advised = [
        recommendation("redis", memory_request=64, cpu_request=20),
        recommendation(TEMPLATE, memory_request=40, memory_limit=128),
    ]
    patch = patch_of(CATALOGUE, advised)
    assert [line for line in patch.splitlines() if line.startswith(("+", "-"))] == [
        "--- a/catalogue/services/infrastructure.yaml",
        "+++ b/catalogue/services/infrastructure.yaml",
        "-    requests: {cpu: 0.4, memory: 448Mi}",
        "+    requests: {cpu: 0.02, memory: 64Mi}",
        "--- a/catalogue/agents.yaml",
        "+++ b/catalogue/agents.yaml",
        "-  requests: {cpu: 0.006, memory: 48Mi}",
        "+  requests: {cpu: 0.006, memory: 40Mi}",
        "-  limits: {cpu: 0.5, memory: 256Mi}",
        "+  limits: {cpu: 0.5, memory: 128Mi}",
    ]
    for shared in ("catalogue", "agents"):
        shutil.copytree(ROOT / shared, tmp_path / shared, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "apply", "-"], input=patch, text=True, check=True, cwd=tmp_path)
    assert load_catalogue(tmp_path / "catalogue") == resized(load_catalogue(CATALOGUE), advised)


@pytest.mark.parametrize("entry", ["redis", TEMPLATE])
def test_nothing_to_change_is_no_patch(entry: str) -> None:
    assert patch_of(CATALOGUE, [recommendation(entry)]) == ""
