"""Where a stack's snapshots are kept, with which password, and that one command at a time works on them."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sutazai_infra.inputs.backend import backend_address, local_state
from sutazai_infra.inputs.secretstore import change_secrets, new_password, read_secrets, store_path
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.model.secret import StoredSecret
from sutazai_infra.model.settings import Snapshots
from sutazai_infra.operations.snapshots.restic import Repository

__all__ = ["SECRET", "alone", "default_repository", "open_repository"]

SECRET = "snapshot-password"  # noqa: S105  its name
_FOLDER = "snapshots"


def default_repository(stack: str) -> str | None:
    """Name the folder beside a local state; None for any other backend."""
    state = local_state()
    return None if state is None else str(state / _FOLDER / stack)


def open_repository(program: str, stack: str, settings: Snapshots, *, make: bool = False) -> Repository:
    """Open the stack's repository; with `make` it and its password are made where they are missing.

    Raises `SutazaiError`.
    """
    address = settings.repository or default_repository(stack)
    if address is None:
        raise SutazaiError(
            f"stack {stack}: its state is at {backend_address()}, beside which no folder can be; name a restic "
            "repository in the setting snapshots.repository"
        )
    repository = Repository(program, address, _password(stack, make=make), stack, str(store_path(stack)))
    if make:
        repository.ensure()
    elif not repository.exists():
        raise SutazaiError(
            f"{address}: holds no snapshot yet; `sutazai snapshot create --stack {stack}` takes one"
        )
    return repository


@contextmanager
def alone(stack: str) -> Iterator[None]:
    """Keep a second command of this stack away; raises `SutazaiError` where one is at work."""
    path = store_path(stack).with_suffix(".snapshots.lock")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SutazaiError(f"stack {stack}: another snapshot command is at work; wait for it") from None
        yield


def _password(stack: str, *, make: bool) -> str:
    kept = read_secrets(stack).get(SECRET)
    if kept is not None:
        return kept.value
    if not make:
        raise SutazaiError(
            f"{store_path(stack)}: has no {SECRET}, without which no snapshot opens; restore that file, or "
            f"begin anew: sutazai snapshot create --stack {stack}"
        )
    with change_secrets(stack) as known:
        return known.setdefault(SECRET, StoredSecret(value=new_password())).value
