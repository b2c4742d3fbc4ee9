"""Secrets of a stack: generated once, kept in a file that only its owner reads, never in the repository.

The file lies beside the state (`<state>/secrets/<stack>.json`, mode 0600) where the state is a local folder, and
in the user's own configuration folder otherwise. A preview never writes: it gets throw-away values. An entry is
a plain text, its first version, or an object with a version and what else is kept of it.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from sutazai_infra.inputs.backend import backend_address, local_state
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.secret import Secret, SecretKind, StoredSecret
from sutazai_infra.model.settings import Tls

__all__ = ["change_secrets", "new_password", "read_secrets", "stack_secrets", "store_path"]

_BYTES = 24
Store = dict[str, StoredSecret]


def stack_secrets(
    declared: Mapping[str, Secret], stack: str, tls: Tls, now: datetime, *, write: bool
) -> Mapping[str, StoredSecret]:
    """Read the stack's secrets, and make those that are missing or due; kept only when `write`.

    An operator's own certificate takes the place of the issued one. Raises `SutazaiError`.
    """
    if not write:
        known = read_secrets(stack)
        _complete(known, declared, stack, tls, now)
    else:
        with change_secrets(stack) as known:
            _complete(known, declared, stack, tls, now)
    return {**known, **_own(declared, tls, now)}


def new_password() -> str:
    """Make a random text of 32 characters that needs no quoting anywhere."""
    return secrets.token_urlsafe(_BYTES)


def read_secrets(stack: str) -> Store:
    """Read what is kept; raises `SutazaiError` where it can't be read."""
    path = store_path(stack)
    try:
        entries = dict(json.loads(path.read_text()))
        return {name: _stored(entry) for name, entry in entries.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise SutazaiError(f"{path}: the stack's secrets can't be read ({error}); restore the file") from error


@contextmanager
def change_secrets(stack: str) -> Iterator[Store]:
    """Hand out what is kept, alone, and keep what it was made into; nothing, where the body fails."""
    path = store_path(stack)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Beside the file, which is replaced as a whole.
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = read_secrets(stack)
        known = dict(before)
        yield known
        if known != before:
            _write(path, known)


def store_path(stack: str) -> Path:
    """Say where a stack's secrets are kept."""
    state = local_state()
    if state is not None:
        return state / "secrets" / f"{stack}.json"
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    # Two backends may each have a stack of that name.
    backend = blake2b(backend_address().encode(), digest_size=6).hexdigest()
    return config / "sutazai-infra" / "secrets" / backend / f"{stack}.json"


def _complete(known: Store, declared: Mapping[str, Secret], stack: str, tls: Tls, now: datetime) -> None:
    for name in sorted(declared.keys() - known.keys()):
        if declared[name].kind is SecretKind.PASSWORD:
            known[name] = StoredSecret(value=new_password())
    if any(secret.kind is not SecretKind.PASSWORD for secret in declared.values()):
        from sutazai_infra.inputs.certificates import issued  # noqa: PLC0415  slow to import

        known.update(issued(known, declared, stack, tls.hostnames, now))


def _own(declared: Mapping[str, Secret], tls: Tls, now: datetime) -> Store:
    if tls.certificate is None:
        return {}
    from sutazai_infra.inputs.certificates import own_certificate  # noqa: PLC0415  slow to import

    return own_certificate(Path(tls.certificate), declared, now)


def _stored(entry: object) -> StoredSecret:
    return StoredSecret.parsed("", {"value": entry} if isinstance(entry, str) else entry)


def _kept(secret: StoredSecret) -> object:
    only_value = StoredSecret(value=secret.value) == secret
    return secret.value if only_value else secret.model_dump(exclude_none=True)


def _write(path: Path, values: Mapping[str, StoredSecret]) -> None:
    """Replace the file as a whole, on the disk before anybody is told of the new values."""
    draft = path.with_suffix(".tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({name: _kept(secret) for name, secret in values.items()}, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
