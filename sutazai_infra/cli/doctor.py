"""`sutazai doctor`: what is missing, and the fix."""

from __future__ import annotations

import typer

from sutazai_infra.cli.project import JsonOption, StackOption, open_project, screen

__all__ = ["doctor"]


def doctor(
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check everything that a deployment needs; exit 1 when something is missing."""
    from sutazai_infra.cli.checks import Level, all_checks
    from sutazai_infra.cli.checks_table import checks_json, checks_table

    project = open_project(stack)
    findings = all_checks(project)
    if as_json:
        typer.echo(checks_json(findings))
    else:
        screen().print(checks_table(findings))
    if any(finding.level is Level.FAIL for finding in findings):
        raise typer.Exit(1)
