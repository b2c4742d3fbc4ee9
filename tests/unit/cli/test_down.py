from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sutazai_infra.cli.app import main
from sutazai_infra.operations.deploy.events import Change, Outcome

pytestmark = pytest.mark.usefixtures("project")


class World:
    """A stack that exists or not, and an engine with its data volumes."""

    def __init__(self) -> None:
        self.there = True
        self.did: list[str] = []
        self.volumes = [SimpleNamespace(name="sutazai-lab-data", remove=lambda: self.did.append("remove volume"))]

    def opened(self) -> Any:
        return SimpleNamespace(exists=lambda: self.there, destroy=self.destroy)

    def destroy(self, _listener: object, *, with_data: bool) -> Outcome:
        self.did.append("destroy with data" if with_data else "destroy")
        return Outcome((Change("delete", "container", "redis"),))

    def client(self) -> Any:
        listing = SimpleNamespace(list=lambda filters: self.volumes if filters else [])
        return SimpleNamespace(volumes=listing, close=lambda: None)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr("sutazai_infra.cli.removal.open_stack", lambda *_: world.opened())
    monkeypatch.setattr("sutazai_infra.cli.removal.engine_client", world.client)
    return world


def test_data_is_kept_and_the_way_to_remove_it_is_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down", "-s", "lab", "--yes"]) == 0
    assert world.did == ["destroy"]
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  kept     data: sutazai-lab-data",
        "           remove it for good: sutazai down --stack lab --delete-data",
    ]


def test_data_is_removed_when_it_is_asked_for(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down", "-s", "lab", "--delete-data", "--yes"]) == 0
    assert world.did == ["destroy with data", "remove volume"]
    assert capsys.readouterr().out.endswith("  deleted  data: sutazai-lab-data\n")


def test_where_nobody_can_be_asked_nothing_is_removed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down", "-s", "lab"]) == 1
    assert capsys.readouterr().err == "nothing was changed; give --yes where nobody can be asked\n"
    assert world.did == []


def test_ci_alone_is_no_yes_for_the_data(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    assert main(["down", "-s", "lab", "--delete-data"]) == 1
    assert capsys.readouterr().err == (
        "--delete-data deletes data for good: give --yes where nobody can be asked\n"
    )
    assert world.did == []


def test_a_stack_that_is_not_there_is_said_to_be(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.there = False
    assert main(["down", "-s", "lab", "--yes"]) == 1
    assert capsys.readouterr().err == "stack lab: there is none in this backend; nothing to remove\n"
