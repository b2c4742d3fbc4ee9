"""`sutazai host show` and `sutazai host prepare`."""

from __future__ import annotations

from typing import Annotated

import typer

from sutazai_infra.cli.project import StackOption, YesOption, agreed, engine_client, open_project, screen
from sutazai_infra.model.errors import SutazaiError

__all__ = ["host"]

host = typer.Typer(help="The engine's host: its budget, and the pool cgroups on it.", no_args_is_help=True)


@host.command()
def show(stack: StackOption = None) -> None:
    """Show cores, memory, reserves, containers of others, and whether the pool cgroups are prepared."""
    from sutazai_infra.cli.host_facts import host_facts

    project = open_project(stack)
    screen().print(host_facts(project.gather()))


@host.command()
def prepare(
    stack: StackOption = None,
    undo: Annotated[bool, typer.Option("--undo", help="Remove this stack's pool cgroups.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and stop.")] = False,
    yes: YesOption = False,
) -> None:
    """Make the pool cgroups that hold each pool to its weight, memory, processes and cores (needs root)."""
    from sutazai_infra.model.settings import PoolCgroups
    from sutazai_infra.operations.deploy.hostwork import preparing, undoing

    project, console, client = open_project(stack), screen(), engine_client()
    try:
        gathered = project.gather(cgroups=True)
        if gathered.settings.pool_cgroups is PoolCgroups.OFF and not undo:
            raise SutazaiError(f"pool_cgroups: off in stack {project.stack}; set it to auto or required first")
        work = undoing(gathered, client) if undo else preparing(gathered, client)
        for line in work.diff.lines():
            console.print(f"  {line}", soft_wrap=True)
        if not work.diff.changed:
            console.print(f"stack {project.stack}: {'nothing to undo' if undo else 'prepared already'}")
        elif not dry_run:
            _require_yes("Remove these cgroups?" if undo else "Make these cgroups?", yes=yes)
            work.apply()
            console.print(f"stack {project.stack}: pool cgroups {'removed' if undo else 'prepared'}")
    finally:
        client.close()


def _require_yes(question: str, *, yes: bool) -> None:
    if not agreed(question, yes=yes):
        raise SutazaiError("nothing was changed; give --yes where nobody can be asked")
