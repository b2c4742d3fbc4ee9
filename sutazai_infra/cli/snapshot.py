"""`sutazai snapshot`: takes, lists, checks, tries out and removes sets, and says what does so by itself."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Annotated

import typer

from sutazai_infra.cli import snapshot_restore
from sutazai_infra.cli.project import (
    DryOption,
    JsonOption,
    StackOption,
    YesOption,
    agreed,
    engine_client,
    open_project,
    screen,
)
from sutazai_infra.cli.snapshot_common import (
    SetArgument,
    at_work,
    lines_to,
    manifest_of,
    open_source,
    plain,
    repository_of,
    say,
    snapshot_settings,
    teller,
)
from sutazai_infra.model.errors import SutazaiError

__all__ = ["snapshot"]

snapshot = typer.Typer(
    help="The stack's data: taken at one moment, encrypted, brought back beside the old.", no_args_is_help=True
)
# Where state and engine are; credentials of a storage are nothing to print.
_NEEDED = ("PULUMI_BACKEND_URL", "DOCKER_HOST")


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
    with open_source(project) as source:
        if dry_run:
            held = writers(source.catalogue, source.spec, source.stores)
            say(as_json, {"stores": plain(source.stores), "held": list(held)}, to_take(source.stores, held))
            return
        repository = repository_of(project, yes=yes, make=True)
        with at_work(source, console) as tell:
            manifest, added = take(source, repository, tell)
            leave_word(source, repository)
    document = {**manifest.model_dump(mode="json"), "bytes": manifest.bytes, "added_bytes": added}
    say(as_json, document, taken_lines(manifest, added))


@snapshot.command("list")
def list_(stack: StackOption = None, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """List the sets, the last drill, and old volumes that wait to be confirmed."""
    from datetime import UTC, datetime

    from sutazai_infra.cli.snapshot_tables import sets_table
    from sutazai_infra.operations.snapshots import sets
    from sutazai_infra.operations.snapshots.trial import BEFORE, volumes_of

    project = open_project(stack)
    repository = repository_of(project, yes=yes)
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
    repository = repository_of(project, yes=yes)
    manifest, began = manifest_of(repository, name), time.monotonic()
    with alone(project.stack):
        count = check(repository, manifest, teller(console))
    took = round(time.monotonic() - began, 1)
    document = {"set": manifest.set, "ok": True, "files": count, "bytes": manifest.bytes, "seconds": took}
    say(as_json, document, [f"{manifest.set}: whole; {count} files as they were taken, {took:.1f} s"])


@snapshot.command()
def prune(
    stack: StackOption = None, yes: YesOption = False, dry_run: DryOption = False, as_json: JsonOption = False
) -> None:
    """Remove the sets that the setting `snapshots.keep` doesn't keep, and what killed runs left."""
    from sutazai_infra.cli.snapshot_tables import pruned_lines
    from sutazai_infra.operations.snapshots import sets
    from sutazai_infra.operations.snapshots.places import alone

    project = open_project(stack)
    repository, keep = repository_of(project, yes=yes), snapshot_settings(project).keep
    with alone(project.stack):
        gone, torn = sets.prune(repository, keep, dry_run=True)
        if (gone or torn) and not dry_run:
            names = ", ".join(row.set for row in gone) or "what killed runs left"
            if not agreed(f"Remove {names}?", yes=yes):
                raise SutazaiError("nothing was removed; give --yes where nobody can be asked")
            sets.prune(repository, keep, dry_run=False)
    document = {"removed": [row.set for row in gone], "torn_files": torn, "dry_run": dry_run}
    say(as_json, document, pruned_lines(gone, torn, keep, dry_run=dry_run))


@snapshot.command()
def drill(
    name: SetArgument = None, stack: StackOption = None, yes: YesOption = False, as_json: JsonOption = False
) -> None:
    """Restore a set into throw-away containers, and hold counts and checksums against the manifest."""
    from sutazai_infra.cli.snapshot_tables import facts_lines
    from sutazai_infra.operations.snapshots.verify import drill as try_out
    from sutazai_infra.operations.snapshots.word import leave_word

    project, console = open_project(stack), screen(stderr=as_json)
    with open_source(project) as source:
        repository = repository_of(project, yes=yes)
        manifest = manifest_of(repository, name)
        with at_work(source, console) as tell:
            result, wrong = try_out(source, repository, manifest, tell)
            leave_word(source, repository)
    if as_json:
        typer.echo(json.dumps({**result.model_dump(mode="json"), "wrong": wrong}, indent=2))
    else:
        lines_to(console, facts_lines(manifest, result))
    if wrong:
        raise SutazaiError(wrong)


@snapshot.command()
def schedule(
    stack: StackOption = None,
    cron: Annotated[bool, typer.Option("--cron", help="As lines of a crontab instead.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print what takes a set a day and tries one out a week: systemd's units, to be put in place by you."""
    from sutazai_infra.inputs.backend import local_state
    from sutazai_infra.operations.snapshots.schedule import crontab, units

    project = open_project(stack)
    command = [sys.executable, "-m", "sutazai_infra", "-C", str(project.folder)]
    # A state that is no local folder is read by the CLI.
    needed = _NEEDED if local_state() is not None else (*_NEEDED, "PATH")
    environment = {name: os.environ[name] for name in needed if os.environ.get(name)}
    files, lines = units(command, project.stack, environment), crontab(command, project.stack, environment)
    shown = lines if cron else [f"# /etc/systemd/system/{name}\n{text}" for name, text in files.items()]
    if not cron:
        timers = " ".join(name for name in files if name.endswith(".timer"))
        shown.append(f"# then: systemctl daemon-reload && systemctl enable --now {timers}")
    say(as_json, {"units": files, "crontab": lines}, shown)


snapshot.command()(snapshot_restore.restore)
snapshot.command()(snapshot_restore.confirm)
