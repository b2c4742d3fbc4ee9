"""`sutazai plan`: the plan that an update would deploy, without Pulumi and without an engine."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sutazai_infra.cli.project import StackOption, open_project, screen

__all__ = ["plan"]


def plan(
    stack: StackOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The plan as JSON, for programs.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="The JSON schema of --json.")] = False,
    every: Annotated[bool, typer.Option("--all", "-a", help="List each agent and replica.")] = False,
) -> None:
    """Show the core map, what each service gets, and the ledger of every budget; change nothing."""
    if schema:
        _print_schema()
        return
    project = open_project(stack)
    resolved = project.gather().plan()
    if as_json:
        typer.echo(resolved.model_dump_json(indent=2))
    else:
        from sutazai_infra.render.tables import plan_tables

        console = screen()
        plain = not console.encoding.startswith("utf")
        console.print(plan_tables(resolved, project.stack, every=every, plain=plain))


def _print_schema() -> None:
    from sutazai_infra.model.plan import Plan

    typer.echo(json.dumps(Plan.model_json_schema(mode="serialization"), indent=2))
