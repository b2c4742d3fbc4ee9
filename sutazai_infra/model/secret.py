"""A secret as the catalogue declares it, and as a stack keeps it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from sutazai_infra.model.base import Frozen, Verbatim
from sutazai_infra.model.service import Name

__all__ = ["Secret", "SecretKind", "StoredSecret"]


class SecretKind(StrEnum):
    """What is generated: a random text, the gateway's certificate with its key, or the authority that signs it."""

    PASSWORD = "password"  # noqa: S105  the kind's name
    CERTIFICATE = "certificate"
    CA = "ca"


class Secret(Frozen):
    """A declared secret: what it is for, and how a new value comes into force."""

    purpose: str
    kind: SecretKind = SecretKind.PASSWORD
    told: Name | None = Field(
        None, description="The database server that keeps it as a role's password: told while it runs."
    )
    fixed: str = Field("", description="The reason why it can't be rotated; left out, it can.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.told and self.fixed:
            raise ValueError(f"fixed: it is told to {self.told}, so it can be rotated; leave one out")
        if self.kind is not SecretKind.PASSWORD and (self.told or self.fixed):
            raise ValueError(f"kind: a {self.kind} is issued again, neither told nor fixed")
        return self


class StoredSecret(Frozen):
    """A value and its number: 1, and one more with each rotation. `pending` is on its way into force.

    `key` is what only the store needs: the authority's private key.
    """

    value: Verbatim
    version: int = Field(1, ge=1)
    pending: Verbatim | None = None
    key: Verbatim | None = None

    def renewed(self, value: str, key: str | None = None) -> StoredSecret:
        """Return the next version."""
        return StoredSecret(value=value, version=self.version + 1, key=key)
