"""`sutazai snapshot restore` and `confirm`: what was taken in the place of what is there, which is kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from sutazai_infra.cli.project import (
    DryOption,
    JsonOption,
    Project,
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
)
from sutazai_infra.model.errors import SutazaiError

if TYPE_CHECKING:
    from rich.console import Console

    from sutazai_infra.operations.snapshots.create import Source
    from sutazai_infra.operations.snapshots.restore import Restored

__all__ = ["confirm", "restore"]

ServiceOption = Annotated[
    list[str] | None, typer.Option("--service", help="This service's data alone; may be given again.")
]


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
    with open_source(project) as source:
        repository = repository_of(project, yes=yes)
        manifest = manifest_of(repository, name)
        stores = chosen(source.stores, service or ())
        if not as_json or not dry_run:
            lines_to(console, to_restore(manifest, stores))
        if dry_run:
            if as_json:
                say(as_json, {"set": manifest.set, "stores": plain(stores)}, [])
            return
        if not agreed(f"Restore {manifest.set} in stack {project.stack}?", yes=yes):
            raise SutazaiError("nothing was changed; give --yes where nobody can be asked")
        began = time.monotonic()
        with at_work(source, console) as tell:
            done = bring_back(source, repository, manifest, stores, tell)
        _well(project, source, done, console)
    rto = round(time.monotonic() - began, 1)
    document = {"set": manifest.set, "rto_s": rto, "restored": [vars(one) for one in done]}
    say(as_json, document, restored_lines(manifest, done, rto))


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
    say(as_json, {"volumes": names, "removed": bool(names) and not dry_run}, lines)


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
