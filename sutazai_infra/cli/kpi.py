"""`sutazai kpi`: the strategy's key figures, measured, with its targets beside them."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from sutazai_infra.cli.project import JsonOption, StackOption, open_project, screen

__all__ = ["kpi"]


def _window(value: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,3}[smhdw]", value):
        raise typer.BadParameter(f"{value!r} is no time: write it with a unit, as 30m, 1h or 7d")
    return value


def kpi(
    stack: StackOption = None,
    as_json: JsonOption = False,
    window: Annotated[str, typer.Option(callback=_window, help="How far to look back.")] = "1h",
    prometheus: Annotated[
        str | None, typer.Option(help="Its address.", show_default="through what the stack publishes")
    ] = None,
) -> None:
    """Show use against allocation, answers, tasks and throughput, with their targets."""
    from sutazai_infra.cli.kpi_tables import kpi_tables
    from sutazai_infra.operations.kpi.report import report
    from sutazai_infra.operations.prometheus import prometheus_of

    project = open_project(stack)
    with prometheus_of(project.folder, project.stack, prometheus) as server:
        found = report(server, project.stack, window)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        screen().print(kpi_tables(found))
