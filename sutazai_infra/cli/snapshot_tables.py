"""Snapshots as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.filesize import decimal
from rich.table import Table

from sutazai_infra.model.settings import Keep
from sutazai_infra.operations.snapshots.manifest import Drill, Manifest, SetRow
from sutazai_infra.operations.snapshots.restore import Restored
from sutazai_infra.operations.snapshots.stores import Store

__all__ = [
    "facts_lines",
    "pruned_lines",
    "restored_lines",
    "sets_table",
    "taken_lines",
    "to_restore",
    "to_take",
]

_DAY_S, _HOUR_S, _MINUTE_S = 86400, 3600, 60


def to_take(stores: Sequence[Store], held: Sequence[str]) -> list[str]:
    """Say what would be taken, and who would wait meanwhile."""
    return [
        *(f"{store.volume}: of {store.service}, by {store.way}" for store in stores),
        f"held for the moment: {', '.join(held) or 'nobody'}",
    ]


def taken_lines(manifest: Manifest, added: int) -> list[str]:
    """Say what a set holds."""
    lines = [
        f"{store.volume}: {decimal(store.bytes)} by {store.way} in {store.seconds:.1f} s; "
        f"{_counted(store.facts.counts)}"
        for store in manifest.stores
    ]
    return [
        *lines,
        f"set {manifest.set} of plan {manifest.plan}: {decimal(manifest.bytes)}, {decimal(added)} new in the "
        f"repository, {manifest.seconds:.1f} s; writers were held for {manifest.held_s:.1f} s",
    ]


def sets_table(
    address: str, rows: Sequence[SetRow], drills: Sequence[Drill], before: Sequence[str], now: datetime
) -> Iterator[RenderableType]:
    """Lay out one set a row, the newest last, and below it what else is to be known."""
    table = Table(title=f"Snapshots in {address}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for title in ("set", "age", "plan", "size", "new", "took", "volumes"):
        table.add_column(title, no_wrap=title == "set", overflow="fold")
    for row in rows:
        size, added, age = decimal(row.bytes), decimal(row.added_bytes), _age(row.taken, now)
        table.add_row(row.set, age, row.plan, size, added, f"{row.seconds:.1f} s", ", ".join(row.volumes))
    yield table if rows else f"{address}: no set yet; `sutazai snapshot create` takes one"
    yield _last_drill(drills, now)
    if before:
        yield f"to confirm (sutazai snapshot confirm): {', '.join(before)}"


def to_restore(manifest: Manifest, stores: Sequence[Store]) -> list[str]:
    """Say what a restore does."""
    return [
        f"set {manifest.set}, taken {manifest.taken:%Y-%m-%d %H:%M:%S} UTC, of plan {manifest.plan}",
        *(f"  {store.full}: {store.service} is stopped for the switch" for store in stores),
    ]


def restored_lines(manifest: Manifest, done: Sequence[Restored], rto_s: float) -> list[str]:
    """Say what was restored, where the old content is, and how long it took until all was well."""
    lines = [f"{one.volume}: as it was taken; {_kept(one)}" for one in done]
    return [
        *lines,
        f"set {manifest.set} is in force, and its services are healthy: recovery took {rto_s:.1f} s",
        *(["once it is found right: sutazai snapshot confirm"] if any(one.before for one in done) else []),
    ]


def pruned_lines(gone: Sequence[SetRow], torn: int, keep: Keep, *, dry_run: bool) -> list[str]:
    """Say what went, and by which policy."""
    verb = "would be removed" if dry_run else "removed"
    policy = ", ".join(f"{name} {count}" for name, count in keep.model_dump().items())
    lines = [f"{row.set}: {verb}" for row in gone]
    if torn:
        lines.append(f"{torn} files of sets that were never finished: {verb}")
    return [*lines, f"{len(gone)} set{'' if len(gone) == 1 else 's'} {verb}; kept are: {policy}"]


def facts_lines(manifest: Manifest, drill: Drill) -> list[str]:
    """Say how a trial went."""
    if not drill.ok:
        return [f"set {drill.set}: did NOT come back, after {drill.seconds:.1f} s"]
    lines = [f"{store.volume}: {_counted(store.facts.counts)}" for store in manifest.stores]
    return [*lines, f"set {drill.set} comes back whole: counts and checksums as taken, {drill.seconds:.1f} s"]


def _counted(counts: dict[str, int]) -> str:
    if "files" in counts:
        return f"{counts['files']} files"
    what = "keys" if any(name.endswith("keys") for name in counts) else f"rows in {len(counts)} tables"
    return f"{sum(counts.values())} {what}"


def _kept(one: Restored) -> str:
    return f"what it was before is in {one.before}" if one.before else "there was no volume before"


def _last_drill(drills: Sequence[Drill], now: datetime) -> str:
    if not drills:
        return "never tried out; `sutazai snapshot drill` does that"
    last = drills[-1]
    return f"last drill: {last.set}, {_age(last.at, now)} ago, {'came back' if last.ok else 'did NOT come back'}"


def _age(then: datetime, now: datetime) -> str:
    seconds = max(0, int((now - then).total_seconds()))
    for unit, name in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"
