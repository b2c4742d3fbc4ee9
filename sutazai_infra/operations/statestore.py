"""Objects beside a stack's state, wherever that is: a local folder, or a bucket of any kind that Pulumi takes.

What is written there travels with the state and is no part of it: Pulumi looks below `.pulumi` alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore import exceptions as errors
from obstore.store import LocalStore, ObjectStore, from_url

from sutazai_infra.inputs.backend import backend_address, local_state
from sutazai_infra.model.errors import SutazaiError

__all__ = ["StateStore", "StateStoreError", "bucket_options", "state_store"]

FOLDER = "sutazai"
# Its own default is three minutes, in which a person takes a command for dead.
_RETRY: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
_TRUE = {"1", "t", "true"}


class StateStoreError(SutazaiError):
    """What lies beside the state can't be read or written."""


class StateStore:
    """Bytes by path. Each call raises `StateStoreError` where the storage doesn't answer."""

    def __init__(self, store: ObjectStore, address: str) -> None:
        self._store, self.address = store, address

    def create(self, path: str, content: bytes) -> bool:
        """Write what isn't there yet, all or nothing; False where it is there already."""
        try:
            self._ask("put", path, content, mode="create")
        except (errors.AlreadyExistsError, errors.PreconditionError):
            return False
        return True

    def write(self, path: str, content: bytes) -> None:
        """Write, in the place of what was there."""
        self._ask("put", path, content)

    def read(self, path: str) -> bytes | None:
        """Return what is there; None where nothing is."""
        try:
            return bytes(self._ask("get", path).bytes())
        except FileNotFoundError:
            return None

    def names(self, prefix: str) -> tuple[str, ...]:
        """List the paths below a prefix, sorted."""
        return tuple(sorted(entry["path"] for entry in self._ask("list", prefix).collect()))

    def remove(self, path: str) -> None:
        """Remove what is there; nothing where nothing is."""
        try:
            self._ask("delete", path)
        except FileNotFoundError:
            return

    def _ask(self, what: str, *arguments: Any, **options: Any) -> Any:
        told = (FileNotFoundError, errors.AlreadyExistsError, errors.PreconditionError)
        try:
            return getattr(obstore, what)(self._store, *arguments, **options)
        except told:
            raise
        except (errors.BaseError, OSError) as error:
            reason = str(error).split("\n", maxsplit=1)[0]
            raise StateStoreError(f"{self.address}: can't {what} {arguments[0]}: {reason}") from error


def state_store() -> StateStore:
    """Open what lies beside the state of the current backend; raises `StateStoreError`."""
    folder = _folder()
    try:
        if folder is not None:
            return StateStore(LocalStore(folder, mkdir=True), str(folder))
        url, options = bucket_options(backend_address())
        return StateStore(from_url(url, retry_config=_RETRY, **options), url)
    except (errors.BaseError, ValueError, OSError) as error:
        raise StateStoreError(f"{backend_address()}: can't be opened for the stack's history: {error}") from error


def bucket_options(address: str) -> tuple[str, Mapping[str, Any]]:
    """Translate the address of a bucket as Pulumi takes it, below which `sutazai` is ours."""
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query))
    scheme = "az" if parts.scheme == "azblob" else parts.scheme
    url = f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/{FOLDER}"
    return url, _s3_options(query) if scheme == "s3" else _azure_options(query) if scheme == "az" else {}


def _s3_options(query: Mapping[str, str]) -> Mapping[str, Any]:
    plain = query.get("disableSSL", query.get("disable_https", "")).lower() in _TRUE
    path_style = query.get("s3ForcePathStyle", query.get("use_path_style", "")).lower() in _TRUE
    options: dict[str, Any] = {"client_options": {"allow_http": plain}}
    if "region" in query:
        options["region"] = query["region"]
    if "endpoint" in query:
        endpoint = query["endpoint"]
        options["endpoint"] = endpoint if "://" in endpoint else f"{'http' if plain else 'https'}://{endpoint}"
        options["virtual_hosted_style_request"] = not path_style
    return options


def _azure_options(query: Mapping[str, str]) -> Mapping[str, Any]:
    return {"account_name": query["storage_account"]} if "storage_account" in query else {}


def _folder() -> Path | None:
    """Below a local state, and in the user's data folder where Pulumi's own service keeps the state."""
    state = local_state()
    if state is not None:
        return state / FOLDER
    if urlsplit(backend_address()).scheme in {"", "http", "https"}:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
        return data / "sutazai-infra"
    return None
