"""Exchange a secret for another, so that being killed anywhere leaves a state from which the next run goes on.

A value that a server keeps is written down first (`pending`), then told, then made the value that services get. As
long as it is pending, either may be in force, and both are written down. A value that is only read at a start is
exchanged in one step. In both cases the update that follows replaces whoever reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import docker

from sutazai_infra.inputs.secretstore import change_secrets, new_password, read_secrets
from sutazai_infra.model.catalogue import Catalogue
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.secret import Secret, SecretKind
from sutazai_infra.model.settings import Tls
from sutazai_infra.operations.gathering import Gathered
from sutazai_infra.operations.secrets.postgres import PostgresRole, ServerAwayError
from sutazai_infra.planning.declaration import full_name

__all__ = ["Rotator", "rotatable", "rotator"]

Role = Callable[[Secret], PostgresRole]


@dataclass(frozen=True)
class Rotator:
    """Rotates secrets of one stack; `role` finds the server and the role that keep one."""

    stack: str
    catalogue: Catalogue
    tls: Tls
    role: Role

    def rotate(self, name: str, now: datetime) -> int:
        """Exchange one secret in the store, and at its server; the new version. Raises `SutazaiError`."""
        secret = rotatable(name, self.catalogue, self.tls)
        if name not in read_secrets(self.stack):
            raise SutazaiError(
                f"stack {self.stack}: {name} isn't made yet; `sutazai up --stack {self.stack}` makes it"
            )
        if secret.kind is not SecretKind.PASSWORD:
            self._issue(name, now)
        elif secret.told is None:
            self._exchange(name)
        else:
            self._announce(name)
            self._told(name)
        return read_secrets(self.stack)[name].version

    def finish(self) -> list[str]:
        """Finish the rotations that were interrupted, but for those whose server is away; names what was done."""
        return [name for name in self._interrupted() if self._finished(name)]

    def _interrupted(self) -> list[str]:
        known = read_secrets(self.stack)
        return sorted(name for name in self.catalogue.secrets if name in known and known[name].pending)

    def _finished(self, name: str) -> bool:
        try:
            self._finish(name)
        except ServerAwayError:
            return False
        return True

    def _announce(self, name: str) -> None:
        """Write the new value down before anybody hears of it; one that is there already is used."""
        with change_secrets(self.stack) as known:
            if known[name].pending is None:
                known[name] = known[name].model_copy(update={"pending": new_password()})

    def _told(self, name: str) -> None:
        try:
            self._finish(name)
        except ServerAwayError as away:
            raise ServerAwayError(
                f"{away}; the new value of {name} is written down, and `sutazai up --stack {self.stack}` has the "
                "server take it when it runs"
            ) from away

    def _finish(self, name: str) -> None:
        pending = read_secrets(self.stack)[name].pending
        if pending is None:
            return
        self.role(self.catalogue.secrets[name]).tell(pending)
        with change_secrets(self.stack) as known:
            if known[name].pending == pending:
                known[name] = known[name].renewed(pending)

    def _exchange(self, name: str) -> None:
        with change_secrets(self.stack) as known:
            known[name] = known[name].renewed(new_password())

    def _issue(self, name: str, now: datetime) -> None:
        from sutazai_infra.inputs.certificates import issued  # noqa: PLC0415  slow to import

        with change_secrets(self.stack) as known:
            declared = self.catalogue.secrets
            known.update(issued(known, declared, self.stack, self.tls.hostnames, now, again=frozenset({name})))


def rotator(gathered: Gathered, client: docker.DockerClient) -> Rotator:
    """Return the rotator of a gathered stack, which reaches its servers through the engine."""

    def role(secret: Secret) -> PostgresRole:
        server = gathered.catalogue.service(str(secret.told))
        return PostgresRole(client, full_name(gathered.stack, server.name), server.env["POSTGRES_USER"])

    return Rotator(gathered.stack, gathered.catalogue, gathered.settings.tls, role)


def rotatable(name: str, catalogue: Catalogue, tls: Tls) -> Secret:
    """Return a declared secret that can be rotated; raises `SutazaiError` that says why another can't."""
    secret = catalogue.secrets.get(name)
    if secret is None:
        raise SutazaiError(f"there is no secret {name!r}; there are: {', '.join(sorted(catalogue.secrets))}")
    if secret.fixed:
        raise SutazaiError(f"{name}: {secret.fixed}")
    if secret.kind is not SecretKind.PASSWORD and tls.certificate is not None:
        raise SutazaiError(f"{name}: {tls.certificate} is your own; renew it there, then `sutazai up`")
    return secret
