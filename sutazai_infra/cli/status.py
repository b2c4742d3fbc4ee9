"""`sutazai status`: health, use against request and limit, and cores, for each pool."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from sutazai_infra.cli.project import JsonOption, StackOption, engine_client, open_project, screen

if TYPE_CHECKING:
    from rich.console import Console

    from sutazai_infra.operations.status import StackStatus

__all__ = ["status"]

_PAUSE_S = 2.0


def status(
    stack: StackOption = None,
    as_json: JsonOption = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Again and again, until Ctrl-C.")] = False,
) -> None:
    """Show how every container is and what it uses; exit 1 unless all are healthy and where they should be."""
    from sutazai_infra.cli.status_tables import status_tables
    from sutazai_infra.operations.status import stack_status

    project, console = open_project(stack), screen()
    plan = project.deployed_plan()
    client = engine_client()
    try:
        if watch:
            _watch(console, lambda: stack_status(client, project.stack, plan))
            return
        found = stack_status(client, project.stack, plan)
    finally:
        client.close()
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        console.print(status_tables(found, plain=not console.encoding.startswith("utf")))
    if not found.good:
        raise typer.Exit(1)


def _watch(console: Console, ask: Callable[[], StackStatus]) -> None:
    from rich.live import Live

    from sutazai_infra.cli.status_tables import status_tables

    try:
        with Live(console=console, auto_refresh=False, screen=console.is_terminal) as view:
            while True:
                view.update(status_tables(ask()), refresh=True)
                time.sleep(_PAUSE_S)
    except KeyboardInterrupt:
        return
