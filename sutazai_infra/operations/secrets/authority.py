"""The certificate that clients of a stack's gateway trust."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.inputs.secretstore import read_secrets, stack_secrets, store_path
from sutazai_infra.inputs.stackconfig import settings_from_file
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.secret import SecretKind

__all__ = ["authority_certificate"]


def authority_certificate(folder: Path, stack: str) -> str:
    """Return the PEM text of who signed the gateway's certificate; raises `SutazaiError` where nobody has yet."""
    tls = settings_from_file(folder, stack).tls
    declared = load_catalogue(folder / "catalogue").secrets
    names = [name for name, secret in declared.items() if secret.kind is SecretKind.CA]
    known = read_secrets(stack)
    if tls.certificate is not None:
        known = dict(stack_secrets(declared, stack, tls, datetime.now(UTC), write=False))
    for name in names:
        if name in known:
            return known[name].value
    raise SutazaiError(
        f"stack {stack}: it has no certificate authority yet ({store_path(stack)}); "
        f"the first `sutazai up --stack {stack}` makes one"
    )
