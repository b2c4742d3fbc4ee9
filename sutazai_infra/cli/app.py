"""The command itself: its groups, and what a person sees when something goes wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sutazai_infra.cli import (
    ca,
    clean,
    deploy,
    doctor,
    history,
    host,
    images,
    kpi,
    plan,
    recommend,
    rollback,
    secrets,
    smoke,
    snapshot,
    status,
    top,
)
from sutazai_infra.cli.project import CALLED_FROM
from sutazai_infra.model.errors import SutazaiError

__all__ = ["app", "main"]

_OF_THE_ENGINE = frozenset({"docker", "requests", "urllib3"})

app = typer.Typer(
    name="sutazai",
    help="A Docker host's cores and memory as a budget. Plain `pulumi` commands work just as well.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _command in (
    doctor.doctor,
    plan.plan,
    deploy.preview,
    deploy.up,
    rollback.rollback,
    status.status,
    top.top,
    kpi.kpi,
    recommend.recommend,
    smoke.smoke,
    deploy.down,
    clean.clean,
    ca.ca,
):
    app.command(_command.__name__)(_command)
app.add_typer(history.history, name="history")
app.add_typer(host.host, name="host")
app.add_typer(images.images, name="images")
app.add_typer(secrets.secrets, name="secrets")
app.add_typer(snapshot.snapshot, name="snapshot")


@app.callback()
def _options(
    directory: Annotated[
        Path | None,
        typer.Option("--directory", "-C", help="The project's folder.", show_default="found from here upwards"),
    ] = None,
) -> None:
    CALLED_FROM.folder = directory


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status. 1: refused or failed, 2: a wrong call, 130: interrupted."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="sutazai")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except SutazaiError as refusal:
        _say(str(refusal))
        return int(getattr(refusal, "exit_status", 1))
    except Exception as bug:
        if os.environ.get("SUTAZAI_DEBUG"):
            raise
        _say(_in_one_line(bug))
    return 1


def _in_one_line(bug: Exception) -> str:
    """An engine that goes away in the middle is no bug of ours, wherever it is noticed."""
    if type(bug).__module__.partition(".")[0] in _OF_THE_ENGINE:
        return f"engine: {bug} (SUTAZAI_DEBUG=1 shows where)"
    return f"sutazai: a bug: {type(bug).__name__}: {bug} (SUTAZAI_DEBUG=1 shows where)"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
