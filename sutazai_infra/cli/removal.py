"""`sutazai down`: what goes, what stays, and how to have that gone as well."""

from __future__ import annotations

import sys
from collections.abc import Callable

import docker
import typer
from docker.errors import DockerException
from rich.console import Console

from sutazai_infra.cli.progress import Progress
from sutazai_infra.cli.project import Project, engine_client
from sutazai_infra.inputs.engine import STACK_LABEL
from sutazai_infra.model.errors import SutazaiError
from sutazai_infra.operations.deploy.errors import DeployError
from sutazai_infra.operations.deploy.stack import open_stack

__all__ = ["confirmed_removal", "remove"]

Ask = Callable[..., bool]


def confirmed_removal(project: Project, *, yes: bool, delete_data: bool, ask: Ask) -> bool:
    """Ask for the removal; data is asked for by the stack's name, which nobody types by mistake."""
    if not delete_data or yes:
        return ask(f"Remove stack {project.stack}? Its data volumes stay.", yes=yes)
    if not sys.stdin.isatty():
        raise SutazaiError("--delete-data deletes data for good: give --yes where nobody can be asked")
    typed = typer.prompt(f"This deletes the data of {project.stack} for good. Type the stack's name", err=True)
    return bool(typed == project.stack)


def remove(project: Project, console: Console, *, delete_data: bool) -> None:
    """Destroy the stack, say what was kept, or remove it too."""
    progress = Progress(console)
    opened = open_stack(project.folder, project.stack)
    if not opened.exists():
        raise DeployError(f"stack {project.stack}: there is none in this backend; nothing to remove")
    with progress.phase("down") as phase:
        outcome = opened.destroy(phase.step, with_data=delete_data)
        phase.result = f"{project.stack}: {len(outcome.changes)} removed"
    client = engine_client()
    try:
        _volumes(client, project.stack, progress, delete=delete_data)
    finally:
        client.close()


def _volumes(client: docker.DockerClient, stack: str, progress: Progress, *, delete: bool) -> None:
    """Data volumes outlive their resources: they are retained, and found by their label."""
    volumes = client.volumes.list(filters={"label": f"{STACK_LABEL}={stack}"})
    if not volumes:
        return
    names = sorted(volume.name for volume in volumes)
    if not delete:
        progress.line(f"  kept     data: {', '.join(names)}")
        progress.line(f"           remove it for good: sutazai down --stack {stack} --delete-data", "dim")
        return
    for volume in volumes:
        try:
            volume.remove()
        except DockerException as error:
            raise SutazaiError(f"volume {volume.name}: not removed: {error}") from error
    progress.line(f"  deleted  data: {', '.join(names)}")
