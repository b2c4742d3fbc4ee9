"""`sutazai secrets`: what is listed and announced, without one value."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from sutazai_infra.cli.app import main
from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.inputs.secretstore import change_secrets, read_secrets, stack_secrets
from sutazai_infra.model.settings import Tls
from tests.unit.cli.projects import write_project

OWN = ["postgres", "pgbouncer", "redis", "gateway"]


@pytest.fixture
def kept(project: Path) -> list[str]:
    """Give the stack `lab` secrets; return all that nobody may see."""
    write_project(project, services={"only": OWN})
    declared = load_catalogue(project / "catalogue").secrets
    values = stack_secrets(declared, "lab", Tls(), datetime.now(UTC), write=True)
    return [secret.value for secret in values.values()]


def test_each_secret_is_listed_with_its_readers_and_how_a_new_value_comes_into_force(
    kept: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["secrets", "list", "-s", "lab"]) == 0
    shown = capsys.readouterr().out
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in shown.splitlines() if line[:1].islower()}

    assert rows["postgres-password"] == "1 in force pgbouncer, postgres (told)"
    assert rows["redis-password"] == "1 in force redis"
    assert rows["n8n-encryption-key"] == "1 can't be rotated -"
    assert rows["gateway-certificate"].endswith(", 396 days gateway")
    assert not [value for value in kept if value in shown]


def test_it_is_listed_for_programs(kept: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["secrets", "list", "-s", "lab", "--json"]) == 0
    shown = capsys.readouterr().out
    rows = {row["name"]: row for row in json.loads(shown)}

    assert rows["postgres-password"] == {
        "name": "postgres-password",
        "kind": "password",
        "purpose": "PostgreSQL's superuser, for the backend, the pooler and the exporter",
        "version": 1,
        "interrupted": False,
        "expires": None,
        "told": "postgres",
        "replaced": ["pgbouncer"],
        "fixed": "",
    }
    assert not [value for value in kept if value in shown]


def test_before_the_first_update_and_in_the_middle_of_a_rotation_it_says_so(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project(project, services={"only": OWN})
    assert main(["secrets", "list", "-s", "lab"]) == 0
    assert "redis-password - not made yet redis" in " ".join(capsys.readouterr().out.split())
    stack_secrets(load_catalogue(project / "catalogue").secrets, "lab", Tls(), datetime.now(UTC), write=True)
    with change_secrets("lab") as known:
        known["postgres-password"] = known["postgres-password"].model_copy(update={"pending": "new"})

    assert main(["secrets", "list", "-s", "lab"]) == 0
    assert "postgres-password 1 interrupted; rotate again" in " ".join(capsys.readouterr().out.split())


def test_a_dry_run_says_who_is_told_and_replaced_and_changes_nothing(
    kept: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["secrets", "rotate", "postgres-password", "-s", "lab", "--dry-run"]) == 0
    assert capsys.readouterr().out == (
        "postgres-password: version 1 -> 2\n  told while it runs: postgres\n  replaced: pgbouncer\n"
    )
    assert main(["secrets", "rotate", "redis-password", "-s", "lab", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "name": "redis-password",
        "version": 2,
        "told": None,
        "replaced": ["redis"],
    }
    assert sorted(secret.value for secret in read_secrets("lab").values()) == sorted(kept)


@pytest.fixture
def updates(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stand in for the update; the versions that it found."""
    found: list[int] = []
    at = "sutazai_infra.cli"
    monkeypatch.setattr(f"{at}.secrets.engine_client", lambda: SimpleNamespace(close=lambda: None))
    update = SimpleNamespace(run=lambda _: found.append(read_secrets("lab")["redis-password"].version))
    monkeypatch.setattr(f"{at}.update.Update", lambda *_, **__: update)
    return found


def test_what_is_exchanged_is_brought_by_an_update(
    kept: list[str], updates: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["secrets", "rotate", "redis-password", "-s", "lab", "--yes"]) == 0
    assert capsys.readouterr().out == "redis-password: version 1 -> 2\n  replaced: redis\n"
    assert updates == [2]
    assert read_secrets("lab")["redis-password"].value not in kept


def test_for_programs_a_rotation_prints_one_document(
    kept: list[str], updates: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    del kept
    assert main(["secrets", "rotate", "redis-password", "-s", "lab", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "name": "redis-password",
        "version": 2,
        "told": None,
        "replaced": ["redis"],
    }
    assert updates == [2]


def test_where_nobody_can_be_asked_nothing_is_changed(kept: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["secrets", "rotate", "redis-password", "-s", "lab"]) == 1
    assert capsys.readouterr().err == "nothing was changed; give --yes where nobody can be asked\n"
    assert read_secrets("lab")["redis-password"].value in kept


def test_what_can_not_be_rotated_is_refused_before_anything_is_asked(
    kept: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    del kept
    assert main(["secrets", "rotate", "n8n-encryption-key", "-s", "lab", "--yes"]) == 1
    assert capsys.readouterr().err == "n8n-encryption-key: what n8n stored with it can't be read with another\n"
