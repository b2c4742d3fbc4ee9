"""When snapshots are taken by themselves: systemd's units, and the lines of a crontab that do the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

__all__ = ["crontab", "units"]

# At odd minutes: at full hours everybody's jobs run.
_TAKEN, _TRIED = "*-*-* 03:17:00", "Sun *-*-* 04:43:00"
_CRON_TAKEN, _CRON_TRIED = "17 3 * * *", "43 4 * * 0"


def units(command: Sequence[str], stack: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Write a service and a timer for a set a day, with pruning, and the same for a drill a week: name -> text."""
    daily = [_call(command, stack, "create"), _call(command, stack, "prune")]
    weekly = [_call(command, stack, "drill")]
    return {
        **_pair(f"sutazai-{stack}-snapshot", f"Snapshot of {stack}", daily, _TAKEN, environment),
        **_pair(f"sutazai-{stack}-drill", f"Drill of a snapshot of {stack}", weekly, _TRIED, environment),
    }


def crontab(command: Sequence[str], stack: str, environment: Mapping[str, str]) -> list[str]:
    """Write the lines of a crontab that do the same."""
    # A percent sign ends a command there.
    set_first = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    taken = " && ".join(" ".join([*set_first, _call(command, stack, what)]) for what in ("create", "prune"))
    tried = " ".join([*set_first, _call(command, stack, "drill")])
    return [line.replace("%", "\\%") for line in (f"{_CRON_TAKEN} {taken}", f"{_CRON_TRIED} {tried}")]


def _call(command: Sequence[str], stack: str, what: str) -> str:
    return shlex.join([*command, "snapshot", what, "--stack", stack, "--yes"])


def _pair(
    name: str, description: str, calls: Sequence[str], when: str, environment: Mapping[str, str]
) -> dict[str, str]:
    # A percent sign begins a word of systemd's own.
    lines = [f'Environment="{key}={value}"'.replace("%", "%%") for key, value in environment.items()]
    lines += [f"ExecStart={call}" for call in calls]
    service = "\n".join([f"[Unit]\nDescription={description}\n\n[Service]\nType=oneshot", *lines])
    # Persistent: what was missed while the machine was off is done when it is on.
    timer = (
        f"[Unit]\nDescription={description}\n\n[Timer]\nOnCalendar={when}\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target"
    )
    return {f"{name}.service": f"{service}\n", f"{name}.timer": f"{timer}\n"}
