"""`sutazai preview`, `up` and `down`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sutazai_infra.cli.project import StackOption, YesOption, agreed, open_project, screen
from sutazai_infra.model.errors import SutazaiError

__all__ = ["down", "preview", "up"]

PackOption = Annotated[Path | None, typer.Option(help="Judge by this pack.", show_default="the project's own")]


def preview(
    stack: StackOption = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Compare with the engine, too.")] = False,
    policy_pack: PackOption = None,
) -> None:
    """Show what an update would change, checked by the policy pack; change nothing."""
    from sutazai_infra.cli.changes import show_changes, show_violations, summary
    from sutazai_infra.cli.cost_table import show_costs
    from sutazai_infra.cli.progress import Progress
    from sutazai_infra.operations.deploy.cost import costs
    from sutazai_infra.operations.deploy.stack import open_stack

    project, console = open_project(stack), screen()
    gathered = project.gather()
    plan = gathered.plan()
    opened = open_stack(project.folder, project.stack, policy_pack)
    with Progress(console).phase("preview", quiet=True) as phase:
        outcome = opened.preview(phase.step, refresh=refresh)
        phase.result = f"{project.stack}: {summary(outcome)}"
    show_changes(console, outcome)
    show_violations(console, outcome.violations)
    show_costs(console, gathered.previous, plan, costs(gathered.declare(plan), outcome))
    if outcome.refused:
        raise typer.Exit(1)


def up(  # noqa: PLR0917  as the command line has them
    stack: StackOption = None,
    yes: YesOption = False,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds to wait for health.", show_default="from the health checks")
    ] = None,
    message: Annotated[str, typer.Option("--message", "-m", help="Why, for the stack's history.")] = "",
    policy_pack: PackOption = None,
    restores: Annotated[
        int | None, typer.Option(hidden=True, help="The update that this one goes back to.")
    ] = None,
    rollback_on_failure: Annotated[
        bool | None,
        typer.Option(
            "--rollback-on-failure/--no-rollback-on-failure",
            help="Go back by itself where not all gets healthy.",
            show_default="the stack's setting",
        ),
    ] = None,
) -> None:
    """Build images, prepare the host, preview with the policy pack, update, and wait until all is healthy."""
    from sutazai_infra.cli.rollback import unless_rolled_back
    from sutazai_infra.cli.update import Update
    from sutazai_infra.operations.history.recording import Reason

    project, reason = open_project(stack), Reason(message, restores)
    update = Update(project, screen(), yes=yes, reason=reason, pack=policy_pack)
    # What goes back already goes back no further.
    wanted = False if restores is not None else rollback_on_failure
    with unless_rolled_back(project, update, wanted=wanted):
        update.run(timeout)


def down(
    stack: StackOption = None,
    yes: YesOption = False,
    delete_data: Annotated[bool, typer.Option("--delete-data", help="Remove data volumes too, for good.")] = False,
) -> None:
    """Remove the stack's containers and networks; data volumes stay unless they are asked for."""
    from sutazai_infra.cli.removal import confirmed_removal, remove

    project = open_project(stack)
    if not confirmed_removal(project, yes=yes, delete_data=delete_data, ask=agreed):
        raise SutazaiError("nothing was changed; give --yes where nobody can be asked")
    remove(project, screen(), delete_data=delete_data)
