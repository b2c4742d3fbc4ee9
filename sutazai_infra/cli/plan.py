"""`sutazai plan`: the plan that an update would deploy, without Pulumi and without an engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sutazai_infra.cli.project import StackOption, open_project, screen
from sutazai_infra.model.errors import SutazaiError

__all__ = ["plan"]


def plan(
    stack: StackOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The plan as JSON, for programs.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="The JSON schema of --json.")] = False,
    svg: Annotated[Path | None, typer.Option(help="Draw the core map and the memory bar into this file.")] = None,
    every: Annotated[bool, typer.Option("--all", "-a", help="List each agent and replica.")] = False,
) -> None:
    """Show the core map, what each service gets, and the ledger of every budget; change nothing."""
    if schema:
        _print_schema()
        return
    project = open_project(stack)
    resolved = project.gather().plan()
    if svg is not None:
        from sutazai_infra.render.svg import plan_svg

        _write(svg, plan_svg(resolved, project.stack))
    if as_json:
        typer.echo(resolved.model_dump_json(indent=2))
    elif svg is None:
        from sutazai_infra.render.tables import plan_tables

        console = screen()
        plain = not console.encoding.startswith("utf")
        console.print(plan_tables(resolved, project.stack, every=every, plain=plain))


def _print_schema() -> None:
    from sutazai_infra.model.plan import Plan

    typer.echo(json.dumps(Plan.model_json_schema(mode="serialization"), indent=2))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SutazaiError(f"{path}: can't be written: {error.strerror}") from error
    typer.echo(f"wrote {path}", err=True)
