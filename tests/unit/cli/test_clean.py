from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from sutazai_infra.cli.app import main
from sutazai_infra.operations.cleaning import Keep, Leftover, Removed, Snapshot
from sutazai_infra.operations.cleaning.findings import Kind

pytestmark = pytest.mark.usefixtures("project")

OLD = Leftover(
    kind=Kind.IMAGE, name="sutazai/redis:0", identity="sutazai/redis:0", size_bytes=2_500_000, reason="old"
)
NETWORK = Leftover(kind=Kind.NETWORK, name="sutazai-lab-n", identity="n", size_bytes=None, reason="nobody's")


class World:
    """An engine with leftovers, of which some can't be removed."""

    def __init__(self) -> None:
        self.found: tuple[Leftover, ...] = (OLD, NETWORK)
        self.refused: dict[Leftover, str] = {}
        self.did: list[Leftover] = []
        self.asked: list[Keep] = []

    def leftovers(self, _snapshot: Snapshot, stack: str, keep: Keep) -> tuple[Leftover, ...]:
        assert stack == "lab"
        self.asked.append(keep)
        return self.found

    def remove(self, _client: Any, found: Iterable[Leftover]) -> Iterator[Removed]:
        for one in found:
            why = self.refused.get(one, "")
            if not why:
                self.did.append(one)
            yield Removed(leftover=one, gone=not why, why=why)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    notes = ("rotated logs: not looked at: they are root's",)
    monkeypatch.setattr("sutazai_infra.cli.clean.engine_client", lambda: SimpleNamespace(close=lambda: None))
    cleaning = "sutazai_infra.operations.cleaning"
    monkeypatch.setattr(f"{cleaning}.look", lambda *_: Snapshot(taken_s=0, notes=notes))
    monkeypatch.setattr(f"{cleaning}.leftovers", world.leftovers)
    monkeypatch.setattr(f"{cleaning}.remove", world.remove)
    return world


def test_it_says_what_it_will_do_and_then_how_it_went(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", "-s", "lab", "--yes"]) == 0
    assert [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()] == [
        "what name size why",
        "image sutazai/redis:0 2.5 MB old",
        "network sutazai-lab-n nobody's",
        "2 to remove, 2.5 MB; volumes stay, all of them",
        "rotated logs: not looked at: they are root's",
        "2 of 2 removed, 2.5 MB",
    ]
    assert world.did == [OLD, NETWORK]


def test_a_dry_run_removes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", "-s", "lab", "--dry-run"]) == 0
    assert "2 to remove, 2.5 MB" in capsys.readouterr().out
    assert world.did == []


def test_where_nobody_can_be_asked_nothing_is_removed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", "-s", "lab"]) == 1
    assert capsys.readouterr().err == "nothing was removed; give --yes where nobody can be asked\n"
    assert world.did == []


def test_what_stays_is_said_and_is_no_success(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.refused = {OLD: "conflict: in use"}
    assert main(["clean", "-s", "lab", "--yes"]) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "kept image sutazai/redis:0: conflict: in use",
        "1 of 2 removed, 0 bytes",
    ]


def test_for_programs_it_is_one_document(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.refused = {OLD: "conflict: in use"}
    assert main(["clean", "-s", "lab", "--yes", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["stack"], document["bytes"]) == ("lab", 2_500_000)
    assert [(row["name"], row["removed"], row["kept_because"]) for row in document["leftovers"]] == [
        ("sutazai/redis:0", False, "conflict: in use"),
        ("sutazai-lab-n", True, ""),
    ]


def test_a_dry_run_for_programs_says_of_nothing_that_it_was_removed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["clean", "-s", "lab", "--dry-run", "--json"]) == 0
    assert {row["removed"] for row in json.loads(capsys.readouterr().out)["leftovers"]} == {None}
    assert world.did == []


def test_where_there_is_nothing_it_says_so_without_asking(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.found = ()
    assert main(["clean", "-s", "lab"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "stack lab: nothing to remove"


def test_what_the_plan_has_is_kept_and_so_are_current_images(world: World) -> None:
    assert main(["clean", "-s", "lab", "--dry-run"]) == 0
    (keep,) = world.asked
    assert {"sutazai-lab-postgres", "sutazai-lab-redis"} <= keep.containers
    assert all(name.startswith("sutazai-lab-") for name in keep.containers | keep.networks)
    assert keep.images["redis"].startswith("sutazai/redis:")
