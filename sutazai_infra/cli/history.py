"""`sutazai history`: which updates a stack has had, one of them in full, and what differs between two."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from sutazai_infra.cli.project import JsonOption, StackOption, open_project, screen

if TYPE_CHECKING:
    from sutazai_infra.operations.history.book import Book

__all__ = ["history"]

history = typer.Typer(help="The stack's updates: who, when, why, from what, and what became of them.")
NumberArgument = Annotated[int, typer.Argument(min=1, help="The update, as `sutazai history` numbers it.")]


@history.callback(invoke_without_command=True)
def list_(
    context: typer.Context,
    stack: StackOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many, the newest.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List updates, newest first, those of plain `pulumi up` among them."""
    if context.invoked_subcommand is not None:
        return
    from sutazai_infra.operations.history.listing import history_rows
    from sutazai_infra.operations.history.plain import plain_updates

    project = open_project(stack)
    ours = islice(_book(project.stack).newest(), limit)
    rows = history_rows(ours, plain_updates(project.folder, project.stack))[:limit]
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
        return
    from sutazai_infra.cli.history_tables import history_table

    screen().print(history_table(project.stack, rows))


@history.command()
def show(number: NumberArgument, stack: StackOption = None, as_json: JsonOption = False) -> None:
    """Show one update: source, settings, images, policy, ledger before and after, health."""
    update = _book(open_project(stack).stack).update(number)
    if as_json:
        typer.echo(update.model_dump_json(indent=2))
        return
    from sutazai_infra.cli.history_tables import update_page

    screen().print(update_page(update))


@history.command()
def diff(
    before: NumberArgument, after: NumberArgument, stack: StackOption = None, as_json: JsonOption = False
) -> None:
    """Compare what two updates put in force: services, core sets, limits, images, sums."""
    from sutazai_infra.planning.comparison import compare_plans

    book = _book(open_project(stack).stack)
    old, new = book.update(before), book.update(after)
    found = compare_plans(book.plan(before), book.plan(after), (old.images, new.images))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    from sutazai_infra.cli.history_tables import comparison_page

    screen().print(comparison_page(before, after, found))


def _book(stack: str) -> Book:
    from sutazai_infra.operations.history.book import Book
    from sutazai_infra.operations.statestore import state_store

    return Book(state_store(), stack)
