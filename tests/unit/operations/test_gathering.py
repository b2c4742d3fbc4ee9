"""A stack's inputs from the outside: which host is planned for, what runs there, and whether cgroups hold."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import psutil
import pytest

from sutazai_infra.inputs.engine import EngineFacts
from sutazai_infra.model.host import Foreign
from sutazai_infra.operations import gathering
from sutazai_infra.operations.gathering import Gathered, gather
from tests.unit.operations.gathered_samples import ROOT, catalogue, engine, settings

GUEST = Foreign(name="guest", cpu=100, memory_mib=64)
DECLARED = {"cores": 12, "memory": "29.38Gi"}


def gathered(monkeypatch: pytest.MonkeyPatch, facts: EngineFacts | None, **changes: Any) -> Gathered:
    monkeypatch.setattr(gathering, "look_at_engine", lambda _: facts)
    monkeypatch.setattr(gathering, "previous_plan", lambda *_: None)
    monkeypatch.setattr(gathering, "load_catalogue", lambda _: catalogue())
    return gather(ROOT, "shop", settings(**changes))


def test_the_host_is_the_engines_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    host = gathered(monkeypatch, engine(cores=4, memory_mib=8192, foreign=(GUEST,))).host

    assert (host.cores, host.memory_mib, host.foreign, host.declared) == (4, 8192, (GUEST,), False)


def test_without_an_engine_it_is_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    what = gathered(monkeypatch, None)

    assert what.host.cores == psutil.cpu_count()
    assert what.host.foreign == ()
    assert not what.host.pool_cgroups


@pytest.mark.parametrize(
    ("facts", "foreign"),
    [
        (None, ()),
        (engine(cores=2, foreign=(GUEST,)), ()),
        (engine(memory_mib=8192, foreign=(GUEST,)), ()),
        (engine(foreign=(GUEST,)), (GUEST,)),
    ],
    ids=["no engine", "fewer cores", "less memory", "the host itself"],
)
def test_a_declared_host_has_foreigners_only_where_it_can_be_this_engine(
    monkeypatch: pytest.MonkeyPatch, facts: EngineFacts | None, foreign: tuple[Foreign, ...]
) -> None:
    host = gathered(monkeypatch, facts, host=DECLARED).host

    assert (host.cores, host.memory_mib, host.foreign) == (12, 30085, foreign)


@pytest.mark.parametrize(
    ("setting", "host", "present", "held"),
    [
        ("off", "auto", True, False),
        ("required", "auto", False, True),
        ("auto", "auto", True, True),
        ("auto", "auto", False, False),
        ("auto", DECLARED, False, True),
        ("off", DECLARED, True, False),
    ],
)
def test_pool_cgroups_hold_where_they_are_prepared_or_will_be(
    monkeypatch: pytest.MonkeyPatch, setting: str, host: Any, present: bool, held: bool
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(gathering, "detect_layout", lambda _: None)
    monkeypatch.setattr(gathering, "pool_cgroups_present", lambda *_: present)

    assert gathered(monkeypatch, engine(), pool_cgroups=setting, host=host).host.pool_cgroups is held


def test_cgroups_of_an_engine_elsewhere_are_not_looked_for_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.1:2376")

    assert not gathered(monkeypatch, engine()).cgroups_prepared()


@pytest.mark.parametrize(("stability", "asked"), [("keep", ["shop"]), ("rebalance", [])])
def test_the_last_plan_is_asked_for_only_where_places_are_kept(
    monkeypatch: pytest.MonkeyPatch, stability: str, asked: list[str]
) -> None:
    stacks: list[str] = []
    monkeypatch.setattr(gathering, "look_at_engine", lambda _: engine())
    monkeypatch.setattr(gathering, "previous_plan", lambda _, stack: stacks.append(stack))
    monkeypatch.setattr(gathering, "load_catalogue", lambda _: catalogue())

    gather(ROOT, "shop", settings(stability=stability))

    assert stacks == asked


def test_gathering_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "catalogue", tmp_path / "catalogue")
    before = sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*"))
    monkeypatch.setattr(gathering, "look_at_engine", lambda _: engine())

    gather(tmp_path, "shop", settings())

    assert sorted((path, path.stat().st_mtime_ns) for path in tmp_path.rglob("*")) == before


def test_what_is_declared_follows_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    what = gathered(monkeypatch, engine(), pool_cgroups="required")
    resolved = what.plan()

    (container,) = what.declare(resolved).containers

    assert container.core_set == str(resolved.residents[0].core_set)
    assert container.cgroup_parent == "/sutazai/shop/infrastructure"
