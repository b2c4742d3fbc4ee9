"""`sutazai recommend`: requests and limits from measured use, as a patch, and what it does to the plan."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sutazai_infra.cli.project import JsonOption, Project, StackOption, open_project, screen
from sutazai_infra.model.errors import SutazaiError

if TYPE_CHECKING:
    from sutazai_infra.operations.recommend import Report

__all__ = ["recommend"]

_LEAST_WINDOW_S = 300


def recommend(  # noqa: PLR0917  as the command line has them
    stack: StackOption = None,
    window: Annotated[str, typer.Option(help="How far to look back: 30m, 24h, 168h.")] = "24h",
    min_samples: Annotated[int, typer.Option(min=1, help="Samples below which nothing is said.")] = 60,
    prometheus: Annotated[
        str | None, typer.Option(help="Its address.", show_default="through what the stack publishes")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the patch there; `-`: print it, and nothing else.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what requests and limits should be for what was used; changes nothing."""
    from sutazai_infra.cli.recommend_tables import recommend_tables

    report = _report(open_project(stack), _seconds(window), min_samples, prometheus)
    only_patch = str(output) == "-"
    if output is not None and not only_patch:
        _write(output, report.patch)
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    elif only_patch:
        sys.stdout.write(report.patch)
    else:
        screen().print(recommend_tables(report))
        typer.echo(_last_word(report, output), nl=False)


def _report(project: Project, window_s: int, min_samples: int, url: str | None) -> Report:
    from sutazai_infra.model.usage import Sizing
    from sutazai_infra.operations.prometheus import prometheus_of
    from sutazai_infra.operations.recommend import Asked, recommend

    gathered = project.gather()
    with prometheus_of(project.folder, project.stack, url) as server:
        asked = Asked(end_s=int(time.time()), window_s=window_s)
        return recommend(gathered, server, asked, Sizing(min_samples=min_samples))


def _seconds(window: str) -> int:
    from sutazai_infra.model.quantities import parse_seconds

    try:
        seconds = parse_seconds(window)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--window") from None
    if seconds < _LEAST_WINDOW_S:
        raise typer.BadParameter(f"{window}: too short to say anything; at least 5m", param_hint="--window")
    return seconds


def _write(path: Path, patch: str) -> None:
    try:
        path.write_text(patch, encoding="utf-8")
    except OSError as error:
        raise SutazaiError(f"{path}: can't be written: {error.strerror or error}") from error


def _last_word(report: Report, output: Path | None) -> str:
    if not report.patch:
        return "\nnothing to change\n"
    if output is None:
        return f"\n{report.patch}"
    return f"\nwritten to {output}; take it: git apply {output}\n"
