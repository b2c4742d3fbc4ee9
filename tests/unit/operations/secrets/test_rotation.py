"""Rotations, killed at every point: what is in force is always written down, and the next run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.inputs.secretstore import read_secrets, stack_secrets
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.secret import StoredSecret
from sutazai_infra.model.settings import Tls
from sutazai_infra.operations.secrets.postgres import PostgresRole, ServerAwayError
from sutazai_infra.operations.secrets.rotation import Rotator

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CATALOGUE = load_catalogue(Path(__file__).parents[4] / "catalogue")
NAME = "postgres-password"


class Killed(BaseException):
    """The process ends here."""


@dataclass
class World:
    """A store and a server, and a process that is killed before its n-th effect."""

    password: str = ""
    away: bool = False
    lives: int | None = None
    effects: list[str] = field(default_factory=list)

    def effect(self, name: str, act: Callable[[], Any]) -> Any:
        if self.lives is not None and len(self.effects) >= self.lives:
            raise Killed
        self.effects.append(name)
        return act()

    def tell(self, password: str) -> None:
        if self.away:
            raise ServerAwayError("sutazai-lab-postgres: there is no such container")
        self.effect("told", lambda: setattr(self, "password", password))

    def rotator(self, tls: Tls | None = None) -> Rotator:
        return Rotator("lab", CATALOGUE, tls or Tls(), lambda _: cast("PostgresRole", self))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    kept = stack_secrets(CATALOGUE.secrets, "lab", Tls(), NOW, write=True)
    made = World(password=kept[NAME].value)
    write = Path.replace
    monkeypatch.setattr(
        Path, "replace", lambda draft, target: made.effect("written", lambda: write(draft, target))
    )
    return made


def test_a_server_is_told_what_is_written_down_already(world: World) -> None:
    old = world.password

    assert world.rotator().rotate(NAME, NOW) == 2

    assert world.effects == ["written", "told", "written"]
    assert world.password != old
    assert read_secrets("lab")[NAME] == StoredSecret(value=world.password, version=2)


@pytest.mark.parametrize("lives", [0, 1, 2])
def test_killed_anywhere_what_is_in_force_is_written_down_and_the_next_run_goes_on(
    world: World, lives: int
) -> None:
    world.lives = lives
    with pytest.raises(Killed):
        world.rotator().rotate(NAME, NOW)
    kept = read_secrets("lab")[NAME]
    assert world.password in {kept.value, kept.pending}

    world.lives = None
    assert world.rotator().rotate(NAME, NOW) == 2
    assert read_secrets("lab")[NAME] == StoredSecret(value=world.password, version=2)
    assert kept.pending in {None, world.password}, "the value that was written down is the one that is used"


@pytest.mark.parametrize(("lives", "finished"), [(0, []), (1, [NAME]), (2, [NAME])])
def test_an_update_finishes_what_was_begun(world: World, lives: int, finished: list[str]) -> None:
    world.lives = lives
    with pytest.raises(Killed):
        world.rotator().rotate(NAME, NOW)
    world.lives = None

    assert world.rotator().finish() == finished
    assert read_secrets("lab")[NAME] == StoredSecret(value=world.password, version=1 + len(finished))
    assert world.rotator().finish() == []


def test_while_the_server_is_away_both_are_kept_and_an_update_goes_on_without(world: World) -> None:
    world.away, old = True, world.password
    with pytest.raises(ServerAwayError) as refused:
        world.rotator().rotate(NAME, NOW)
    assert str(refused.value) == (
        "sutazai-lab-postgres: there is no such container; the new value of postgres-password is written down, "
        "and `sutazai up --stack lab` has the server take it when it runs"
    )

    assert world.rotator().finish() == []
    kept = read_secrets("lab")[NAME]
    assert (kept.value, kept.version) == (old, 1)
    assert kept.pending not in {None, old}


def test_what_is_only_read_at_a_start_is_exchanged_in_one_step(world: World) -> None:
    old = read_secrets("lab")["redis-password"].value

    assert world.rotator().rotate("redis-password", NOW) == 2

    assert world.effects == ["written"]
    assert read_secrets("lab")["redis-password"].value != old


def test_a_certificate_is_issued_again_by_the_same_authority(world: World) -> None:
    before = read_secrets("lab")

    assert world.rotator().rotate("gateway-certificate", NOW) == 2

    after = read_secrets("lab")
    assert after["ca-certificate"] == before["ca-certificate"]
    assert after["gateway-certificate"].value != before["gateway-certificate"].value


def test_another_authority_issues_the_certificate_again(world: World) -> None:
    assert world.rotator().rotate("ca-certificate", NOW) == 2
    assert read_secrets("lab")["gateway-certificate"].version == 2


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("n8n-encryption-key", "n8n-encryption-key: what n8n stored with it can't be read with another"),
        ("ca-certificate", "ca-certificate: /own.pem is your own; renew it there, then `sutazai up`"),
    ],
)
def test_what_can_not_be_rotated_says_why_and_stays(world: World, name: str, says: str) -> None:
    with pytest.raises(SutazaiError) as refused:
        world.rotator(Tls(certificate="/own.pem")).rotate(name, NOW)

    assert str(refused.value) == says
    assert world.effects == []


def test_an_unknown_secret_is_refused_with_those_that_there_are(world: World) -> None:
    with pytest.raises(SutazaiError, match=r"^there is no secret 'redis'; there are: ca-certificate, "):
        world.rotator().rotate("redis", NOW)


def test_before_the_first_update_there_is_nothing_to_rotate(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/empty")
    with pytest.raises(SutazaiError) as refused:
        world.rotator().rotate(NAME, NOW)

    assert str(refused.value) == "stack lab: postgres-password isn't made yet; `sutazai up --stack lab` makes it"
