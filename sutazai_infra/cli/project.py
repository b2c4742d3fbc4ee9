"""Which project and which stack a command is about, and how it talks: options that several commands share."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import docker
    from rich.console import Console

    from sutazai_infra.model.plan import Plan
    from sutazai_infra.operations.gathering import Gathered

__all__ = [
    "CALLED_FROM",
    "DryOption",
    "JsonOption",
    "Project",
    "StackOption",
    "YesOption",
    "agreed",
    "engine_client",
    "open_project",
    "screen",
]

DEFAULT_STACK = "dev"

StackOption = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        envvar="SUTAZAI_STACK",
        help="The stack, as in Pulumi.STACK.yaml.",
        show_default=f"the one selected in Pulumi, else {DEFAULT_STACK}",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask (as YES=1 and CI do).")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
_NO = {"", "0", "false", "no"}


@dataclass
class _CalledFrom:
    """The folder that the user named, for the one command of this process."""

    folder: Path | None = None


CALLED_FROM = _CalledFrom()


@dataclass(frozen=True)
class Project:
    """A project's folder, and one of its stacks."""

    folder: Path
    stack: str

    def gather(self, *, cgroups: bool | None = None) -> Gathered:
        """Read everything that the stack's plan needs; `cgroups` overrides whether they are prepared."""
        from sutazai_infra.inputs.stackconfig import settings_from_file
        from sutazai_infra.operations.gathering import gather

        settings = settings_from_file(self.folder, self.stack)
        return gather(self.folder, self.stack, settings, cgroups=cgroups)

    def deployed_plan(self) -> Plan:
        """Return what should be running: the plan of the last deployment, else the one that would be deployed."""
        from sutazai_infra.inputs.previous import previous_plan
        from sutazai_infra.inputs.stackconfig import PROJECT

        return previous_plan(PROJECT, self.stack) or self.gather().plan()


def open_project(stack: str | None) -> Project:
    """Find the project and the stack, and give Pulumi's processes their environment."""
    from sutazai_infra.operations.deploy.environment import default_environment, find_project, selected_stack

    folder = find_project(CALLED_FROM.folder or Path.cwd())
    os.environ.update(default_environment(folder, os.environ))
    if stack is None:
        stack = selected_stack(folder, os.environ) or DEFAULT_STACK
    return Project(folder, stack)


def engine_client() -> docker.DockerClient:
    """Connect to the engine, or say how to get one."""
    from docker import from_env
    from docker.errors import DockerException

    from sutazai_infra.operations.preflight import require_engine

    try:
        return from_env()
    except DockerException:
        require_engine(None)
        raise


def screen(*, stderr: bool = False) -> Console:
    """Return a console; in a pipe or a file it is plain text without colours, 100 columns wide."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else 100
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width, soft_wrap=False)


def agreed(question: str, *, yes: bool) -> bool:
    """Ask a person on a terminal; `--yes`, YES=1 and CI are a yes, and a pipe without them is a no."""
    if yes or any(os.environ.get(name, "").lower() not in _NO for name in ("YES", "CI")):
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm(question, default=False, err=True)
