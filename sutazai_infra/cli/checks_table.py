"""The doctor's findings, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from sutazai_infra.cli.checks import Finding, Level

__all__ = ["checks_json", "checks_table"]

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


def checks_table(findings: Sequence[Finding]) -> Table:
    """Lay out one line a finding; the fix stands below it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column()
    table.add_column(overflow="fold")
    for finding in findings:
        text = Text(finding.text)
        if finding.fix:
            text.append(f"\nfix: {finding.fix}", style="bold")
        table.add_row(Text(finding.level.value, style=_STYLES[finding.level]), finding.check, text)
    return table


def checks_json(findings: Sequence[Finding]) -> str:
    """Write the findings as JSON."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)
