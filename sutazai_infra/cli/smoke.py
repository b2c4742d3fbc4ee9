"""`sutazai smoke`: tasks through the gateway while parts of the stack are killed, and what became of each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sutazai_infra.cli.project import JsonOption, StackOption, engine_client, open_project, screen

if TYPE_CHECKING:
    from sutazai_infra.operations.smoke.verdict import SmokeReport

__all__ = ["smoke"]


def smoke(
    stack: StackOption = None,
    tasks: Annotated[int, typer.Option(min=1, max=10_000, help="How many tasks to post.")] = 500,
    chaos: Annotated[
        bool, typer.Option("--chaos/--no-chaos", help="Kill an agent, Redis and a backend meanwhile (root).")
    ] = True,
    seconds: Annotated[float, typer.Option("--timeout", min=1, help="Give up after so many seconds.")] = 300.0,
    as_json: JsonOption = False,
) -> None:
    """Post tasks at the gateway, kill parts of the stack, check the record; exit 1 if any was lost or is wrong."""
    from sutazai_infra.operations.secrets.authority import authority_certificate
    from sutazai_infra.operations.smoke.run import Smoke, entrance
    from sutazai_infra.operations.smoke.run import smoke as run

    project = open_project(stack)
    authority = authority_certificate(project.folder, project.stack)
    client = engine_client()
    try:
        test = Smoke(project.stack, entrance(client, project.stack), authority, tasks, chaos, seconds)
        report = run(test, client, lambda text: print(text, file=sys.stderr, flush=True))
    finally:
        client.close()
    _show(report, as_json=as_json)
    if not report.good:
        raise typer.Exit(1)


def _show(report: SmokeReport, *, as_json: bool) -> None:
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
        return
    from sutazai_infra.cli.smoke_table import smoke_table

    screen().print(smoke_table(report))
