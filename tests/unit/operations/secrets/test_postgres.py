"""How a running PostgreSQL is told a password: what is asked, what is never sent, and what is no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import docker
import pytest
from docker.errors import APIError, NotFound

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.secrets.postgres import PostgresRole, ServerAwayError
from sutazai_infra.operations.secrets.scram import is_verifier_of, verifier


@dataclass
class Server:
    """Stands in for psql in the container; `deaf` forgets what it is told."""

    kept: str = ""
    deaf: bool = False
    fails: Exception | tuple[int, str] | None = None
    commands: list[Sequence[str]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)

    def execute(self, _client: object, container: str, command: Sequence[str], script: str) -> tuple[int, str]:
        assert container == "sutazai-lab-postgres"
        self.commands.append(command)
        self.scripts.append(script)
        if isinstance(self.fails, Exception):
            raise self.fails
        if self.fails is not None:
            return self.fails
        if "ALTER ROLE" in script and not self.deaf:
            self.kept = script.partition("PASSWORD '")[2].partition("'")[0]
        return 0, "" if "ALTER ROLE" in script else f"{self.kept}\n"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server(kept=verifier("old"))
    monkeypatch.setattr("sutazai_infra.operations.secrets.postgres.execute", made.execute)
    return made


@pytest.fixture
def role(monkeypatch: pytest.MonkeyPatch) -> PostgresRole:
    monkeypatch.setattr(docker, "DockerClient", object)
    return PostgresRole(docker.DockerClient(), "sutazai-lab-postgres", "sutazai")


def test_it_is_told_a_verifier_and_never_the_password(server: Server, role: PostgresRole) -> None:
    role.tell("a-new-password")

    assert is_verifier_of(server.kept, "a-new-password")
    assert not [text for text in server.scripts if "a-new-password" in text]
    assert {tuple(command) for command in server.commands} == {
        ("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "sutazai", "-d", "postgres")
    }


def test_every_script_keeps_its_statements_out_of_the_log_and_ends_by_itself(
    server: Server, role: PostgresRole
) -> None:
    role.tell("new")

    for script in server.scripts:
        assert script.startswith("SET log_statement = 'none';\nSET log_min_error_statement = 'panic';\n")
        assert script.endswith("\\q\n")


def test_what_it_takes_already_it_is_not_told_again(server: Server, role: PostgresRole) -> None:
    role.tell("old")

    assert len(server.scripts) == 1
    assert "ALTER ROLE" not in server.scripts[0]


def test_a_server_that_keeps_another_password_than_it_was_told_is_an_error(
    server: Server, role: PostgresRole
) -> None:
    server.deaf = True
    with pytest.raises(SutazaiError) as refused:
        role.tell("new")
    assert str(refused.value) == ("sutazai-lab-postgres: keeps another password for sutazai than it was just told")


@pytest.mark.parametrize(
    ("fails", "says"),
    [
        (NotFound("gone"), "sutazai-lab-postgres: there is no such container"),
        (APIError("container is not running"), "sutazai-lab-postgres: container is not running"),
        ((2, "no socket there\n"), "sutazai-lab-postgres: doesn't answer: no socket there"),
    ],
)
def test_a_server_that_can_not_be_asked_is_away(
    server: Server, role: PostgresRole, fails: Exception | tuple[int, str], says: str
) -> None:
    server.fails = fails
    with pytest.raises(ServerAwayError) as away:
        role.tell("new")
    assert str(away.value) == says


def test_an_answer_that_is_an_error_is_shown(server: Server, role: PostgresRole) -> None:
    server.fails = (3, "ERROR: permission denied for table pg_authid\n")
    with pytest.raises(SutazaiError) as refused:
        role.takes("old")
    assert not isinstance(refused.value, ServerAwayError)
    assert str(refused.value) == (
        "sutazai-lab-postgres: psql ended with 3: ERROR: permission denied for table pg_authid"
    )
