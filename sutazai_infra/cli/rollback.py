"""`sutazai rollback`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sutazai_infra.cli.project import Project, StackOption, YesOption, agreed, engine_client, open_project, screen
from sutazai_infra.model.errors import SutazaiError

if TYPE_CHECKING:
    from rich.console import Console

    from sutazai_infra.cli.update import Update
    from sutazai_infra.operations.rollback.perform import Rollback

__all__ = ["rollback", "unless_rolled_back"]


def rollback(  # noqa: PLR0917  as the command line has them
    stack: StackOption = None,
    to: Annotated[
        int | None,
        typer.Option("--to", min=1, help="The update.", show_default="the newest before the last that ended well"),
    ] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="Why, for the stack's history.")] = "",
    yes: YesOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: what was gone back to.")] = False,
) -> None:
    """Put the program, catalogue and settings of an earlier update in force again; data and passwords stay."""
    project, console = open_project(stack), screen(stderr=as_json)
    ready = _prepared(project, to)
    _announce(console, ready)
    if dry_run:
        status = ready.preview(console.print)
    else:
        if not agreed(f"Go back to update {ready.target.number}?", yes=yes):
            raise SutazaiError("nothing was changed; give --yes where nobody can be asked")
        status = ready.perform(console.print, message)
    if as_json:
        typer.echo(json.dumps({"target": ready.target.number, "dry_run": dry_run, "status": status}))
    raise typer.Exit(status)


@contextmanager
def unless_rolled_back(project: Project, update: Update, *, wanted: bool | None) -> Iterator[None]:
    """Go back where the block's update began and failed; it stays a failure. None: as the stack's settings say."""
    from sutazai_infra.inputs.stackconfig import settings_from_file
    from sutazai_infra.operations.deploy.errors import DeployError, StoppedError

    if wanted is None:
        wanted = settings_from_file(project.folder, project.stack).rollback_on_failure
    try:
        yield
    except StoppedError:
        raise
    except DeployError as failure:
        if not wanted or update.number is None:
            raise
        raise DeployError(_rolled_back(project, update.number, failure)) from failure


def _rolled_back(project: Project, number: int, failure: SutazaiError) -> str:
    """Go back from an update, and say what came of it."""
    console = screen()
    console.print(f"update {number} of stack {project.stack} failed; going back", style="bold red")
    try:
        ready = _prepared(project, None)
        _announce(console, ready)
        status = ready.perform(console.print, f"update {number} failed")
    except SutazaiError as obstacle:
        return f"{failure}\nit stays as it is: {obstacle}"
    target = ready.target.number
    if status:
        return f"{failure}\ngoing back to update {target} failed, too (exit status {status})"
    return f"{failure}\nrolled back: update {target} is in force again"


def _prepared(project: Project, number: int | None) -> Rollback:
    from sutazai_infra.operations.history.book import Book
    from sutazai_infra.operations.rollback.perform import prepare
    from sutazai_infra.operations.statestore import state_store

    client = engine_client()
    try:
        return prepare(project.folder, Book(state_store(), project.stack), number, client)
    finally:
        client.close()


def _announce(console: Console, ready: Rollback) -> None:
    target = ready.target
    console.print(f"stack {target.stack}: back to update {target.number} ({target.message or 'no message'})")
    for remark in ready.remarks:
        console.print(f"  {remark}", style="yellow")
