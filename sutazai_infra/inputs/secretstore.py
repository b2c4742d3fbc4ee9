"""Secrets of a stack: generated once, kept in a file that only its owner reads, never in the repository.

The file lies beside the state (`<state>/secrets/<stack>.json`, mode 0600) where the state is a local folder, and
in the user's own configuration folder otherwise. A preview never writes: it gets throw-away values.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path

from sutazai_infra.inputs.backend import backend_address, local_state
from sutazai_infra.model.errors import SutazaiError

__all__ = ["secret_values", "store_path"]

_BYTES = 24


def secret_values(names: Iterable[str], stack: str, *, write: bool) -> Mapping[str, str]:
    """Read the stack's secrets and generate those that are missing; written only when `write`."""
    path = store_path(stack)
    known = _read(path)
    missing = {name: secrets.token_urlsafe(_BYTES) for name in sorted(names) if name not in known}
    if missing and write:
        _write(path, {**known, **missing})
    return {**known, **missing}


def store_path(stack: str) -> Path:
    """Say where a stack's secrets are kept."""
    state = local_state()
    if state is not None:
        return state / "secrets" / f"{stack}.json"
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    # Two backends may each have a stack of that name.
    backend = blake2b(backend_address().encode(), digest_size=6).hexdigest()
    return config / "sutazai-infra" / "secrets" / backend / f"{stack}.json"


def _read(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise SutazaiError(f"{path}: the stack's secrets can't be read ({error}); restore the file") from error


def _write(path: Path, values: Mapping[str, str]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(values, file, indent=1, sort_keys=True)
    draft.replace(path)
