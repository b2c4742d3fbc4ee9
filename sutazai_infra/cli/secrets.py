"""`sutazai secrets list` and `rotate`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
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
from sutazai_infra.model.errors import SutazaiError

if TYPE_CHECKING:
    from sutazai_infra.operations.gathering import Gathered
    from sutazai_infra.operations.secrets.listing import SecretRow

__all__ = ["secrets"]

secrets = typer.Typer(help="The stack's passwords and certificates; never their values.", no_args_is_help=True)


@secrets.command("list")
def list_(stack: StackOption = None, as_json: JsonOption = False) -> None:
    """List secrets: their version, who reads them, until when they hold, and how a new value comes into force."""
    from sutazai_infra.inputs.secretstore import read_secrets
    from sutazai_infra.operations.secrets.listing import secret_rows

    project = open_project(stack)
    rows = secret_rows(project.gather(), read_secrets(project.stack))
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
        return
    from sutazai_infra.cli.secret_tables import secret_table

    screen().print(secret_table(project.stack, rows, datetime.now(UTC)))


@secrets.command()
def rotate(
    name: Annotated[str, typer.Argument(help="A secret of the catalogue, as `sutazai secrets list` names it.")],
    stack: StackOption = None,
    yes: YesOption = False,
    dry_run: DryOption = False,
    as_json: JsonOption = False,
) -> None:
    """Exchange a secret for a new one, and replace whoever reads it. Killed anywhere, the next run goes on."""
    project = open_project(stack)
    gathered = project.gather()
    row = _row(gathered, name)
    if as_json and dry_run:
        typer.echo(_said(row, row.version + 1))
    elif not as_json:
        _announce(row)
    if dry_run:
        return
    if not agreed(f"Rotate {name} of stack {project.stack}?", yes=yes):
        raise SutazaiError("nothing was changed; give --yes where nobody can be asked")
    version = _rotate(project, gathered, name, as_json=as_json)
    if as_json:
        typer.echo(_said(row, version))


def _row(gathered: Gathered, name: str) -> SecretRow:
    from sutazai_infra.inputs.secretstore import read_secrets
    from sutazai_infra.operations.secrets.listing import secret_rows
    from sutazai_infra.operations.secrets.rotation import rotatable

    rotatable(name, gathered.catalogue, gathered.settings.tls)
    return next(row for row in secret_rows(gathered, read_secrets(gathered.stack)) if row.name == name)


def _rotate(project: Project, gathered: Gathered, name: str, *, as_json: bool) -> int:
    from sutazai_infra.cli.update import Update
    from sutazai_infra.operations.history.recording import Reason
    from sutazai_infra.operations.secrets.rotation import rotator

    client = engine_client()
    try:
        version = rotator(gathered, client).rotate(name, datetime.now(UTC))
    finally:
        client.close()
    # What is exchanged is in force at the server; the update brings it to those who ask there.
    reason = Reason(f"{name} rotated to version {version}")
    Update(project, screen(stderr=as_json), yes=True, reason=reason).run(None)
    return version


def _announce(row: SecretRow) -> None:
    typer.echo(f"{row.name}: version {row.version} -> {row.version + 1}")
    if row.interrupted:
        typer.echo("  an interrupted rotation is finished")
    if row.told is not None:
        typer.echo(f"  told while it runs: {row.told}")
    typer.echo(f"  replaced: {', '.join(row.replaced) or 'nobody of this stack'}")


def _said(row: SecretRow, version: int) -> str:
    return json.dumps(
        {"name": row.name, "version": version, "told": row.told, "replaced": list(row.replaced)}, indent=2
    )
