"""Tell a running PostgreSQL a role's new password, over the socket inside its container.

There the operating system's user stands for the superuser, so no password is needed: neither the old one nor the
new one. The server gets a verifier, by standard input: nothing is in arguments, environment or log.
"""

from __future__ import annotations

from dataclasses import dataclass

import docker
from docker.errors import DockerException, NotFound

from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.secrets.execute import execute
from sutazai_infra.operations.secrets.scram import is_verifier_of, verifier

__all__ = ["PostgresRole", "ServerAwayError"]

_NO_CONNECTION = 2
# A statement that fails would else be logged, with the verifier in it.
_QUIET = "SET log_statement = 'none';\nSET log_min_error_statement = 'panic';\n"
_KEPT = "SELECT rolpassword FROM pg_authid WHERE rolname = current_user;\n"


class ServerAwayError(SutazaiError):
    """The server can't be told now: it isn't there, doesn't run, or isn't ready."""


@dataclass(frozen=True)
class PostgresRole:
    """The role that a stack's services log in as, at the server in `container`."""

    client: docker.DockerClient
    container: str
    role: str

    def tell(self, password: str) -> None:
        """Have the server take a password, if it hasn't already; raises `SutazaiError`."""
        if self.takes(password):
            return
        self._ask(f"ALTER ROLE CURRENT_USER PASSWORD '{verifier(password)}';\n")
        if not self.takes(password):
            raise SutazaiError(f"{self.container}: keeps another password for {self.role} than it was just told")

    def takes(self, password: str) -> bool:
        """Whether the server would let the role in with this password."""
        return is_verifier_of(self._ask(_KEPT).strip(), password)

    def _ask(self, statements: str) -> str:
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", self.role, "-d", "postgres"]
        try:
            status, answer = execute(self.client, self.container, command, f"{_QUIET}{statements}\\q\n")
        except NotFound as error:
            raise ServerAwayError(f"{self.container}: there is no such container") from error
        except DockerException as error:
            raise ServerAwayError(f"{self.container}: {error}") from error
        if status == _NO_CONNECTION:
            raise ServerAwayError(f"{self.container}: doesn't answer: {answer.strip()}")
        if status:
            raise SutazaiError(f"{self.container}: psql ended with {status}: {answer.strip()}")
        return answer
