"""What all of `sutazai snapshot` share: options, the deployed stack, its repository, and how they answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sutazai_infra.cli.project import Project, agreed, engine_client, screen
from sutazai_infra.model.errors import SutazaiError

if TYPE_CHECKING:
    from rich.console import Console

    from sutazai_infra.model.settings import Snapshots
    from sutazai_infra.operations.snapshots.create import Source
    from sutazai_infra.operations.snapshots.manifest import Manifest
    from sutazai_infra.operations.snapshots.restic import Repository
    from sutazai_infra.operations.snapshots.stores import Store

__all__ = [
    "SetArgument",
    "at_work",
    "lines_to",
    "manifest_of",
    "open_source",
    "plain",
    "repository_of",
    "say",
    "snapshot_settings",
    "teller",
]

SetArgument = Annotated[
    str | None, typer.Argument(metavar="SET", help="A set, as `list` names it.", show_default="the newest")
]


@contextmanager
def open_source(project: Project) -> Iterator[Source]:
    """Yield what is deployed; raises `SutazaiError` where nothing is."""
    from sutazai_infra.inputs.previous import previous_plan
    from sutazai_infra.inputs.stackconfig import PROJECT
    from sutazai_infra.operations.snapshots.create import Source

    plan = previous_plan(PROJECT, project.stack)
    if plan is None:
        raise SutazaiError(
            f"stack {project.stack}: isn't deployed; `sutazai up --stack {project.stack}` does that"
        )
    gathered = project.gather()
    client = engine_client()
    try:
        yield Source(client, gathered.catalogue, gathered.declare(plan), plan)
    finally:
        client.close()


@contextmanager
def at_work(source: Source, console: Console) -> Iterator[Callable[[str], None]]:
    """Be alone with the stack, and without what a killed command left."""
    from sutazai_infra.operations.snapshots.places import alone
    from sutazai_infra.operations.snapshots.trial import swept

    with alone(source.spec.stack):
        swept(source.client, source.spec.stack)
        yield teller(console)


def snapshot_settings(project: Project) -> Snapshots:
    """Return what the stack says of its snapshots."""
    from sutazai_infra.inputs.stackconfig import settings_from_file

    return settings_from_file(project.folder, project.stack).snapshots


def repository_of(project: Project, *, yes: bool, make: bool = False) -> Repository:
    """Open the stack's repository, with restic got where it is missing and somebody agrees."""
    from sutazai_infra.operations.snapshots.places import open_repository
    from sutazai_infra.operations.snapshots.program import restic_program

    program = restic_program(lambda question: agreed(question, yes=yes), lambda text: typer.echo(text, err=True))
    return open_repository(program, project.stack, snapshot_settings(project), make=make)


def manifest_of(repository: Repository, name: str | None) -> Manifest:
    """Read the manifest of a set, the newest where none is named."""
    from sutazai_infra.operations.snapshots import sets

    return sets.read_manifest(repository, sets.find(repository, name))


def teller(console: Console) -> Callable[[str], None]:
    """Return what says what is at work."""
    return lambda text: console.print(f"  {text} ...", style="dim")


def plain(stores: tuple[Store, ...]) -> list[dict[str, str]]:
    """Write stores for programs."""
    return [{"volume": store.full, "service": store.service, "way": store.way.value} for store in stores]


def say(as_json: bool, document: object, lines: list[str]) -> None:
    """Answer a program with a document, and a person with lines."""
    if as_json:
        typer.echo(json.dumps(document, indent=2))
    else:
        lines_to(screen(), lines)


def lines_to(console: Console, lines: list[str]) -> None:
    """Print lines that may be of any length."""
    for line in lines:
        console.print(line, soft_wrap=True)
