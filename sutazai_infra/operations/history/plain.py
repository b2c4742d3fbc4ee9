"""Updates that Pulumi knows of and we don't: those of plain `pulumi up`, as far as Pulumi records them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from sutazai_infra.model.base import Frozen

__all__ = ["PlainUpdate", "plain_updates", "read_plain"]

# How ours begin in Pulumi's history.
OURS = "sutazai update "
_TIMEOUT_S = 60
_CHANGING = frozenset({"update", "destroy", "import", "rename"})
_NOTHING = frozenset({"same", "read"})


class PlainUpdate(Frozen):
    """One entry of Pulumi's own history. Times in UTC, duration in seconds."""

    kind: str
    started: datetime
    seconds: float | None = Field(None, ge=0)
    message: str = ""
    revision: str | None = None
    dirty: bool = False
    by: str = ""
    changes: Mapping[str, int] = {}
    result: str


def plain_updates(folder: Path, stack: str) -> tuple[PlainUpdate, ...]:
    """Ask Pulumi for the updates of a stack that changed something and aren't ours, oldest first."""
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        return ()
    command = [pulumi, "stack", "history", "--json", "--stack", stack, "--cwd", str(folder), "--non-interactive"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603
        listed = json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else []
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ()
    return read_plain(listed)


def read_plain(listed: Iterable[Mapping[str, Any]]) -> tuple[PlainUpdate, ...]:
    """Read what `pulumi stack history --json` prints."""
    found = [_plain(entry) for entry in listed if _is_plain(entry)]
    return tuple(sorted(found, key=lambda update: update.started))


def _is_plain(entry: Mapping[str, Any]) -> bool:
    changes = entry.get("resourceChanges") or {}
    changed = bool(changes.keys() - _NOTHING) or entry.get("result") != "succeeded"
    return entry.get("kind") in _CHANGING and changed and not str(entry.get("message", "")).startswith(OURS)


def _plain(entry: Mapping[str, Any]) -> PlainUpdate:
    environment = entry.get("environment") or {}
    started, ended = _time(entry.get("startTime")), _time(entry.get("endTime"))
    return PlainUpdate(
        kind=entry["kind"],
        started=started or datetime.fromtimestamp(0, UTC),
        seconds=(ended - started).total_seconds() if started and ended else None,
        message=entry.get("message") or "",
        revision=environment.get("git.head"),
        dirty=environment.get("git.dirty") == "true",
        by=environment.get("git.committer", ""),
        changes={k: v for k, v in (entry.get("resourceChanges") or {}).items() if k not in _NOTHING},
        result=entry.get("result", ""),
    )


def _time(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)).astimezone(UTC) if text else None
