"""`sutazai clean`: says what a stack has left behind, with sizes, and removes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sutazai_infra.cli.project import (
    JsonOption,
    Project,
    StackOption,
    YesOption,
    agreed,
    engine_client,
    open_project,
    screen,
)
from sutazai_infra.model.errors import SutazaiError

if TYPE_CHECKING:
    import docker
    from rich.console import Console

    from sutazai_infra.operations.cleaning import Keep, Leftover, Removed, Snapshot

__all__ = ["clean"]


def clean(
    stack: StackOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Remove old images, stopped one-offs, rotated logs and unused networks of a stack; never a volume."""
    from sutazai_infra.operations.cleaning import leftovers, look

    project, console = open_project(stack), screen()
    keep = _keep(project)
    client = engine_client()
    try:
        snapshot = look(client, project.stack)
        found = leftovers(snapshot, project.stack, keep)
        if not as_json:
            _announce(console, project.stack, found, snapshot)
        done = () if dry_run or not found else _removed(client, project.stack, found, yes=yes)
    finally:
        client.close()
    if as_json:
        typer.echo(json.dumps(_document(project.stack, found, done, snapshot), indent=2))
    else:
        _report(console, done)
    if any(not one.gone for one in done):
        raise typer.Exit(1)


def _keep(project: Project) -> Keep:
    """Keep what the deployed plan has, and what the next one would have."""
    from sutazai_infra.inputs.previous import previous_plan
    from sutazai_infra.inputs.stackconfig import PROJECT
    from sutazai_infra.operations.cleaning import Keep
    from sutazai_infra.operations.images import image_refs
    from sutazai_infra.planning.declaration import full_name

    plans = [plan for plan in (previous_plan(PROJECT, project.stack), project.gather().plan()) if plan is not None]
    rows = [row for plan in plans for row in plan.services]
    return Keep(
        containers=frozenset(full_name(project.stack, row.instance) for row in rows),
        networks=frozenset(full_name(project.stack, name) for row in rows for name in row.networks),
        images=image_refs(project.folder / "images"),
    )


def _removed(
    client: docker.DockerClient, stack: str, found: tuple[Leftover, ...], *, yes: bool
) -> tuple[Removed, ...]:
    from sutazai_infra.operations.cleaning import remove

    if not agreed(f"Remove these {len(found)} of stack {stack}?", yes=yes):
        raise SutazaiError("nothing was removed; give --yes where nobody can be asked")
    return tuple(remove(client, found))


def _announce(console: Console, stack: str, found: tuple[Leftover, ...], snapshot: Snapshot) -> None:
    from rich.table import Table

    if found:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        for column in ("what", "name", "size", "why"):
            table.add_column(column, justify="right" if column == "size" else "left", overflow="fold")
        for one in found:
            size = "" if one.size_bytes is None else _written(one.size_bytes)
            table.add_row(one.kind.value, one.name, size, one.reason)
        console.print(table)
        console.print(f"{len(found)} to remove, {_written(_sum(found))}; volumes stay, all of them")
    else:
        console.print(f"stack {stack}: nothing to remove")
    for note in snapshot.notes:
        console.print(note, style="dim")


def _report(console: Console, done: tuple[Removed, ...]) -> None:
    for one in done:
        if not one.gone:
            console.print(f"kept {one.leftover.kind.value} {one.leftover.name}: {one.why}")
    gone = tuple(one.leftover for one in done if one.gone)
    if done:
        console.print(f"{len(gone)} of {len(done)} removed, {_written(_sum(gone))}")


def _document(
    stack: str, found: tuple[Leftover, ...], done: tuple[Removed, ...], snapshot: Snapshot
) -> dict[str, Any]:
    became = {one.leftover: one for one in done}
    rows = [
        {
            **one.model_dump(mode="json"),
            "removed": None if one not in became else became[one].gone,
            "kept_because": became[one].why if one in became else "",
        }
        for one in found
    ]
    return {"version": 1, "stack": stack, "bytes": _sum(found), "leftovers": rows, "notes": list(snapshot.notes)}


def _sum(found: tuple[Leftover, ...]) -> int:
    return sum(one.size_bytes or 0 for one in found)


def _written(size_bytes: int) -> str:
    from rich.filesize import decimal

    return decimal(size_bytes)
