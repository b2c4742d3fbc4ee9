"""`sutazai ca`: what a client of the gateway has to trust."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sutazai_infra.cli.project import StackOption, open_project

__all__ = ["ca"]


def ca(
    stack: StackOption = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it there instead.")] = None,
) -> None:
    """Print the certificate of the stack's own authority, as PEM: for `curl --cacert`, browsers, and others."""
    from sutazai_infra.operations.secrets.authority import authority_certificate

    project = open_project(stack)
    text = authority_certificate(project.folder, project.stack)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text)
