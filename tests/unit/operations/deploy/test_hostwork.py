from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from sutazai_infra.model.settings import PoolCgroups
from sutazai_infra.operations.deploy.hostwork import HostStep, HostWork, host_step
from sutazai_infra.operations.hosts import CgroupDiff, HostDiff, HostError

AT = "sutazai_infra.operations.deploy.hostwork"
CLIENT: Any = object()


@dataclass(frozen=True)
class Inputs:
    """As much of what is gathered as a host step looks at; `host` says whether cgroups are counted on."""

    settings: Any
    host: str = "as found"
    stack: str = "lab"
    prepared: bool = False

    def cgroups_prepared(self) -> bool:
        return self.prepared


def host_of(step: HostStep) -> Any:
    return step.gathered.host


def inputs(setting: PoolCgroups = PoolCgroups.AUTO, *, prepared: bool = False) -> Any:
    return Inputs(SimpleNamespace(pool_cgroups=setting), prepared=prepared)


@pytest.fixture(autouse=True)
def reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{AT}._layout", lambda _: object())
    monkeypatch.setattr(
        f"{AT}.with_cgroups", lambda g, held: Inputs(g.settings, "counted on" if held else "without")
    )
    set_root(monkeypatch, root=True)
    set_diff(monkeypatch, "created")


def set_root(monkeypatch: pytest.MonkeyPatch, *, root: bool) -> None:
    monkeypatch.setattr(f"{AT}.os.geteuid", lambda: 0 if root else 1000)


def set_diff(monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    diff = HostDiff((CgroupDiff("/sutazai/lab/web", kind),))
    monkeypatch.setattr(f"{AT}.preparing", lambda *_: HostWork(diff, lambda: diff))


def set_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise HostError("host: the engine at tcp://far is not on this machine")

    monkeypatch.setattr(f"{AT}._layout", refuse)


def test_root_has_work_where_cgroups_are_missing() -> None:
    step = host_step(inputs(), CLIENT)
    assert step.work is not None
    assert (host_of(step), step.skipped) == ("counted on", "")


def test_a_prepared_host_is_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    set_diff(monkeypatch, "unchanged")
    step = host_step(inputs(), CLIENT)
    assert (step.work, host_of(step)) == (None, "counted on")


def test_cgroups_that_are_off_are_not_looked_at() -> None:
    step = host_step(inputs(PoolCgroups.OFF), CLIENT)
    assert (step.work, host_of(step), step.skipped) == (None, "as found", "off in this stack's settings")


def test_another_user_goes_without_cgroups_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    set_root(monkeypatch, root=False)
    step = host_step(inputs(), CLIENT)
    assert (step.work, host_of(step)) == (None, "without")
    assert step.skipped == "only root can: sudo sutazai host prepare --stack lab"


def test_another_user_keeps_cgroups_that_are_there_with_older_values(monkeypatch: pytest.MonkeyPatch) -> None:
    set_root(monkeypatch, root=False)
    assert host_of(host_step(inputs(prepared=True), CLIENT)) == "counted on"


def test_another_user_is_refused_where_cgroups_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    set_root(monkeypatch, root=False)
    with pytest.raises(HostError) as error:
        host_step(inputs(PoolCgroups.REQUIRED), CLIENT)
    assert str(error.value) == (
        "host: the pool cgroups aren't prepared, and only root can: sudo sutazai host prepare --stack lab"
    )


def test_an_engine_elsewhere_means_a_plan_without_cgroups(monkeypatch: pytest.MonkeyPatch) -> None:
    set_unreachable(monkeypatch)
    step = host_step(inputs(), CLIENT)
    assert host_of(step) == "without"
    assert step.skipped == "host: the engine at tcp://far is not on this machine"


def test_an_engine_elsewhere_is_refused_where_cgroups_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    set_unreachable(monkeypatch)
    with pytest.raises(HostError, match="not on this machine"):
        host_step(inputs(PoolCgroups.REQUIRED), CLIENT)


def test_a_host_that_refuses_its_preparation_stops_the_update(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise HostError("pool web: uses 900 MiB now, more than 512 MiB")

    monkeypatch.setattr(f"{AT}.preparing", refuse)
    with pytest.raises(HostError, match="uses 900 MiB now"):
        host_step(inputs(prepared=True), CLIENT)
