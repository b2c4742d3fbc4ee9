"""What a stack's secrets are, who reads them, and how a new value comes into force. Never the values."""

from __future__ import annotations

from datetime import datetime

from sutazai_infra.model.base import Frozen
from sutazai_infra.model.secret import Secret, SecretKind, StoredSecret
from sutazai_infra.operations.gathering import Gathered

__all__ = ["SecretRow", "readers", "secret_rows"]


class SecretRow(Frozen):
    """One secret: `replaced` are the services that a new value replaces, `version` 0 is not made yet."""

    name: str
    kind: SecretKind
    purpose: str
    version: int
    interrupted: bool
    expires: datetime | None
    told: str | None
    replaced: tuple[str, ...]
    fixed: str


def secret_rows(gathered: Gathered, kept: dict[str, StoredSecret]) -> list[SecretRow]:
    """List the secrets that the catalogue declares, as they are kept."""
    return [
        _row(name, secret, kept.get(name), readers(gathered, name))
        for name, secret in gathered.catalogue.secrets.items()
    ]


def readers(gathered: Gathered, name: str) -> tuple[str, ...]:
    """Name the stack's services that read a secret at their start, in start order."""
    residents = dict.fromkeys(row.name for row in gathered.plan().residents)
    return tuple(
        service
        for service in residents
        if any(name in f.names and not f.once for f in gathered.catalogue.service(service).secrets)
    )


def _row(name: str, secret: Secret, kept: StoredSecret | None, replaced: tuple[str, ...]) -> SecretRow:
    return SecretRow(
        name=name,
        kind=secret.kind,
        purpose=secret.purpose,
        version=0 if kept is None else kept.version,
        interrupted=kept is not None and kept.pending is not None,
        expires=None if kept is None else _expires(secret, kept),
        told=secret.told,
        replaced=replaced,
        fixed=secret.fixed,
    )


def _expires(secret: Secret, kept: StoredSecret) -> datetime | None:
    if secret.kind is SecretKind.PASSWORD:
        return None
    from sutazai_infra.inputs.certificates import expiry  # noqa: PLC0415  slow to import

    return expiry(kept.value)
