"""`sutazai rollback`."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from sutazai_infra.cli.project import StackOption, YesOption, agreed, engine_client, open_project, screen
from sutazai_infra.model.errors import SutazaiError

__all__ = ["rollback"]


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
    from sutazai_infra.operations.history.book import Book
    from sutazai_infra.operations.rollback.perform import prepare
    from sutazai_infra.operations.statestore import state_store

    project, console = open_project(stack), screen(stderr=as_json)
    book = Book(state_store(), project.stack)
    client = engine_client()
    try:
        ready = prepare(project.folder, book, to, client)
    finally:
        client.close()
    target = ready.target
    console.print(f"stack {project.stack}: back to update {target.number} ({target.message or 'no message'})")
    for remark in ready.remarks:
        console.print(f"  {remark}", style="yellow")
    if dry_run:
        status = ready.preview(console.print)
    else:
        if not agreed(f"Go back to update {target.number}?", yes=yes):
            raise SutazaiError("nothing was changed; give --yes where nobody can be asked")
        status = ready.perform(console.print, message)
    if as_json:
        last = book.numbers()[-1]
        typer.echo(json.dumps({"target": target.number, "update": None if dry_run else last, "status": status}))
    sys.stdout.flush()
    raise typer.Exit(status)
