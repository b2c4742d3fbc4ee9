"""`python -m sutazai_policy`: what the pack says of itself, and of a run, for people and for CI."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from sutazai_policy.document import rules_document
from sutazai_policy.report import ReportError, markdown_report
from sutazai_policy.rules import all_rules
from sutazai_policy.settings import SettingsError
from sutazai_policy.stacks_file import pack_config

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        text = _output(given)
    except (SettingsError, ReportError) as error:
        print(f"sutazai_policy: {error}", file=sys.stderr)
        return 1
    sys.stdout.write(text)
    return 0


def _output(given: argparse.Namespace) -> str:
    if given.command == "rules":
        return rules_document(all_rules())
    if given.command == "config":
        return f"{json.dumps(pack_config(given.file, given.stack, all_rules()), indent=2)}\n"
    return markdown_report(given.events, title=given.title)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sutazai_policy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("rules", help="print the table of rules as Markdown")
    config = commands.add_parser("config", help="print a stack's settings as a --policy-pack-config file")
    config.add_argument("stack")
    config.add_argument("--file", type=Path, default=Path(__file__).parents[1] / "stacks.yaml")
    report = commands.add_parser("report", help="print what a run's --event-log says as Markdown")
    report.add_argument("events", type=Path)
    report.add_argument("--title", default="Budget and policy")
    return parser


if __name__ == "__main__":
    sys.exit(main())
