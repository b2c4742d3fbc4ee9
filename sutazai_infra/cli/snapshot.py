"""`sutazai snapshot`: takes, lists, checks, restores and removes sets of snapshots, and tries them out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sutazai_infra.cli.project import Project, StackOption, YesOption, agreed, engine_client, open_project, screen
from sutazai_infra.model.errors import SutazaiError

if TYPE_CHECKING:
    from rich.console import Console

    from sutazai_infra.operations.snapshots.create import Source
    from sutazai_infra.operations.snapshots.manifest import Manifest
    from sutazai_infra.operations.snapshots.restic import Repository
    from sutazai_infra.operations.snapshots.restore import Restored
    from sutazai_infra.operations.snapshots.stores import Store

__all__ = ["snapshot"]

snapshot = typer.Typer(
    help="The stack's data: taken at one moment, encrypted, brought back beside the old.", no_args_is_help=True
)
JsonOption = Annotated[bool, typer.Option("--json", help="For programs.")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
SetArgument = Annotated[
    str | None, typer.Argument(metavar="SET", help="A set, as `list` names it.", show_default="the newest")
]
ServiceOption = Annotated[
    list[str] | None, typer.Option("--service", help="This service's data alone; may be given again.")
]


@snapshot.command()
def create(
    stack: StackOption = None, yes: YesOption = False, dry_run: DryOption = False, as_json: JsonOption = False
) -> None:
    """Take a set of all stores, as they are at one moment."""
    from sutazai_infra.cli.snapshot_tables import taken_lines, to_take
    from sutazai_infra.operations.snapshots.create import create as take
    from sutazai_infra.operations.snapshots.stores import writers
    from sutazai_infra.operations.snapshots.word import leave_word

    project, console = open_project(stack), screen(stderr=as_json)
    with _source(project) as source:
        if dry_run:
            held = writers(source.catalogue, source.spec, source.stores)
            _say(as_json, {"stores": _plain(source.stores), "held": list(held)}, to_take(source.stores, held))
            return
        repository = _repository(project, yes=yes, make=True)
        with _at_work(source, console) as tell:
            manifest, added = take(source, repository, tell)
            leave_word(source, repository)
    document = {**manifest.model_dump(mode="json"), "bytes": manifest.bytes, "added_bytes": added}
    _say(as_json, document, taken_lines(manifest, added))


@snapshot.command("list")
def list_(stack: StackOption = None, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """List the sets, the last drill, and old volumes that wait to be confirmed."""
    from datetime import UTC, datetime

    from sutazai_infra.cli.snapshot_tables import sets_table
    from sutazai_infra.operations.snapshots import sets
    from sutazai_infra.operations.snapshots.trial import BEFORE, volumes_of

    project = open_project(stack)
    repository = _repository(project, yes=yes)
    rows, drills = sets.rows(repository), sets.drills(repository)
    client = engine_client()
    try:
        before = [str(volume.name) for volume in volumes_of(client, project.stack, BEFORE)]
    finally:
        client.close()
    if as_json:
        document = {
            "version": 1,
            "stack": project.stack,
            "repository": repository.address,
            "sets": [row.model_dump(mode="json") for row in rows],
            "drills": [drill.model_dump(mode="json") for drill in drills],
            "to_confirm": before,
        }
        typer.echo(json.dumps(document, indent=2))
        return
    for part in sets_table(repository.address, rows, drills, before, datetime.now(UTC)):
        screen().print(part)


@snapshot.command()
def verify(
    name: SetArgument = None, stack: StackOption = None, yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Read all data of the repository, and hold a set's files against their checksums."""
    from sutazai_infra.operations.snapshots.places import alone
    from sutazai_infra.operations.snapshots.verify import verify as check

    project, console = open_project(stack), screen(stderr=as_json)
    repository = _repository(project, yes=yes)
    manifest, began = _manifest(repository, name), time.monotonic()
    with alone(project.stack):
        count = check(repository, manifest, _teller(console))
    took = round(time.monotonic() - began, 1)
    document = {"set": manifest.set, "ok": True, "files": count, "bytes": manifest.bytes, "seconds": took}
    _say(as_json, document, [f"{manifest.set}: whole; {count} files as they were taken, {took:.1f} s"])


@snapshot.command()
def restore(
    name: SetArgument = None,
    service: ServiceOption = None,
    stack: StackOption = None,
    *,
    yes: YesOption = False,
    dry_run: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Restore a set into fresh volumes, look at them, then put them in the old ones' place, which are kept."""
    from sutazai_infra.cli.snapshot_tables import restored_lines, to_restore
    from sutazai_infra.operations.snapshots.restore import restore as bring_back
    from sutazai_infra.operations.snapshots.stores import chosen

    project, console, began = open_project(stack), screen(stderr=as_json), time.monotonic()
    with _source(project) as source:
        repository = _repository(project, yes=yes)
        manifest = _manifest(repository, name)
        stores = chosen(source.stores, service or ())
        if not as_json or not dry_run:
            _lines(console, to_restore(manifest, stores))
        if dry_run:
            if as_json:
                _say(as_json, {"set": manifest.set, "stores": _plain(stores)}, [])
            return
        if not agreed(f"Restore {manifest.set} in stack {project.stack}?", yes=yes):
            raise SutazaiError("nothing was changed; give --yes where nobody can be asked")
        began = time.monotonic()
        with _at_work(source, console) as tell:
            done = bring_back(source, repository, manifest, stores, tell)
        _well(project, source, done, console)
    rto = round(time.monotonic() - began, 1)
    document = {"set": manifest.set, "rto_s": rto, "restored": [vars(one) for one in done]}
    _say(as_json, document, restored_lines(manifest, done, rto))


@snapshot.command()
def confirm(
    stack: StackOption = None, yes: YesOption = False, dry_run: DryOption = False, as_json: JsonOption = False
) -> None:
    """Remove the old content that restores have kept, once what was restored is found to be right."""
    from sutazai_infra.operations.snapshots.places import alone
    from sutazai_infra.operations.snapshots.trial import BEFORE, volumes_of

    project = open_project(stack)
    client = engine_client()
    try:
        with alone(project.stack):
            volumes = volumes_of(client, project.stack, BEFORE)
            names = [str(volume.name) for volume in volumes]
            question = f"Remove {', '.join(names)} for good?"
            if names and not dry_run and not agreed(question, yes=yes):
                raise SutazaiError("nothing was removed; give --yes where nobody can be asked")
            for volume in () if dry_run else volumes:
                volume.remove()
    finally:
        client.close()
    verb = "would be removed" if dry_run else "removed"
    lines = [f"{name}: {verb}" for name in names] or [f"stack {project.stack}: nothing waits to be confirmed"]
    _say(as_json, {"volumes": names, "removed": bool(names) and not dry_run}, lines)


@snapshot.command()
def prune(
    stack: StackOption = None, yes: YesOption = False, dry_run: DryOption = False, as_json: JsonOption = False
) -> None:
    """Remove the sets that the setting `snapshots.keep` doesn't keep, and what killed runs left."""
    from sutazai_infra.cli.snapshot_tables import pruned_lines
    from sutazai_infra.operations.snapshots import sets
    from sutazai_infra.operations.snapshots.places import alone

    project = open_project(stack)
    repository, keep = _repository(project, yes=yes), _settings(project).keep
    with alone(project.stack):
        gone, torn = sets.prune(repository, keep, dry_run=True)
        if (gone or torn) and not dry_run:
            names = ", ".join(row.set for row in gone) or "what killed runs left"
            if not agreed(f"Remove {names}?", yes=yes):
                raise SutazaiError("nothing was removed; give --yes where nobody can be asked")
            sets.prune(repository, keep, dry_run=False)
    document = {"removed": [row.set for row in gone], "torn_files": torn, "dry_run": dry_run}
    _say(as_json, document, pruned_lines(gone, torn, keep, dry_run=dry_run))


@snapshot.command()
def drill(
    name: SetArgument = None, stack: StackOption = None, yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Restore a set into throw-away containers, and hold counts and checksums against the manifest."""
    from sutazai_infra.cli.snapshot_tables import facts_lines
    from sutazai_infra.operations.snapshots.verify import drill as try_out
    from sutazai_infra.operations.snapshots.word import leave_word

    project, console = open_project(stack), screen(stderr=as_json)
    with _source(project) as source:
        repository = _repository(project, yes=yes)
        manifest = _manifest(repository, name)
        with _at_work(source, console) as tell:
            result, wrong = try_out(source, repository, manifest, tell)
            leave_word(source, repository)
    if as_json:
        typer.echo(json.dumps({**result.model_dump(mode="json"), "wrong": wrong}, indent=2))
    else:
        _lines(console, facts_lines(manifest, result))
    if wrong:
        raise SutazaiError(wrong)


@contextmanager
def _source(project: Project) -> Iterator[Source]:
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
def _at_work(source: Source, console: Console) -> Iterator[Callable[[str], None]]:
    """Be alone with the stack, and without what a killed command left."""
    from sutazai_infra.operations.snapshots.places import alone
    from sutazai_infra.operations.snapshots.trial import swept

    with alone(source.spec.stack):
        swept(source.client, source.spec.stack)
        yield _teller(console)


def _settings(project: Project) -> Any:
    from sutazai_infra.inputs.stackconfig import settings_from_file

    return settings_from_file(project.folder, project.stack).snapshots


def _repository(project: Project, *, yes: bool, make: bool = False) -> Repository:
    from sutazai_infra.operations.snapshots.places import open_repository
    from sutazai_infra.operations.snapshots.program import restic_program

    program = restic_program(lambda question: agreed(question, yes=yes), lambda text: typer.echo(text, err=True))
    return open_repository(program, project.stack, _settings(project), make=make)


def _manifest(repository: Repository, name: str | None) -> Manifest:
    from sutazai_infra.operations.snapshots import sets

    return sets.read_manifest(repository, sets.find(repository, name))


def _well(project: Project, source: Source, done: list[Restored], console: Console) -> None:
    """Wait until restored services and their writers are well; one without a container is deployed again."""
    from sutazai_infra.cli.update import Update
    from sutazai_infra.operations.deploy.health import Health, look, patience_s, wait_until_healthy
    from sutazai_infra.operations.snapshots.stores import chosen, writers

    if not all(one.running for one in done):
        Update(project, console, yes=True).run(None)
        return
    stores = chosen(source.stores, {one.service for one in done})
    names = {store.spec.name for store in stores} | set(writers(source.catalogue, source.spec, stores))
    concerned = tuple(container for container in source.spec.containers if container.name in names)
    spec = source.spec.model_copy(update={"containers": concerned})
    found = wait_until_healthy(lambda: look(source.client, spec), lambda _: None, patience_s(spec))
    sick = [one.name for one in found if one.health is not Health.HEALTHY]
    if sick:
        raise SutazaiError(f"restored, and not healthy: {', '.join(sick)}; `docker logs` says why")


def _teller(console: Console) -> Callable[[str], None]:
    return lambda text: console.print(f"  {text} ...", style="dim")


def _plain(stores: tuple[Store, ...]) -> list[dict[str, str]]:
    return [{"volume": store.full, "service": store.service, "way": store.way.value} for store in stores]


def _say(as_json: bool, document: object, lines: list[str]) -> None:
    if as_json:
        typer.echo(json.dumps(document, indent=2))
    else:
        _lines(screen(), lines)


def _lines(console: Console, lines: list[str]) -> None:
    for line in lines:
        console.print(line, soft_wrap=True)
