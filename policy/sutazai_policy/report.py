"""A run's events as Markdown: the ledger and what was found, for a comment on a change.

The events are those of `pulumi preview --json` with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true, or of
`--event-log`: one JSON object a line.
"""

from __future__ import annotations

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ReportError", "markdown_report"]

_LEDGER = "ledger"
_SHOWN = 20
_MARKUP = re.compile(r"<\{%.*?%\}>")
_AMOUNT = re.compile(r"([\d.]+) of ([\d.]+) (cores|MiB)")


class ReportError(Exception):
    """Events that can't be read."""


@dataclass(frozen=True, slots=True)
class _Found:
    rule: str
    level: str
    resource: str
    message: str


def markdown_report(path: Path, title: str) -> str:
    """Return the report; raises ReportError."""
    events = list(_events(path))
    found = [_found(event["policyEvent"]) for event in events if "policyEvent" in event]
    ledger = [line for one in found if one.rule == _LEDGER for line in one.message.splitlines()]
    others = [one for one in found if one.rule != _LEDGER]
    mandatory = [one for one in others if one.level == "mandatory"]
    verdict = f"Blocked by {_counted(mandatory)}." if mandatory else "Nothing breaks the budget or a rule."
    parts = [
        f"### {title}",
        "",
        f"**{verdict}**",
        *_ledger(ledger),
        *_violations(mandatory),
        *_advice(others),
        *_passed(events),
    ]
    return "\n".join(parts) + "\n"


def _events(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(f"{path}: can't be read ({error})") from error
    events = []
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue  # what the engine writes between events is for people
        if isinstance(event, dict):
            events.append(event)
    if not any("policyAnalyzeStackSummaryEvent" in event for event in events):
        raise ReportError(
            f"{path}: holds no event of a policy pack: write it with"
            " PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi preview --json --policy-pack policy"
        )
    yield from events


def _found(event: Mapping[str, Any]) -> _Found:
    # Pulumi puts the rule's description above its message.
    text = _MARKUP.sub("", str(event.get("message", ""))).strip()
    message = text.partition("\n")[2] or text
    resource = str(event.get("resourceUrn", "")).rpartition("::")[2]
    return _Found(str(event.get("policyName")), str(event.get("enforcementLevel")), resource, message)


def _counted(found: list[_Found]) -> str:
    return f"{len(found)} violation{'' if len(found) == 1 else 's'}"


def _ledger(lines: Iterable[str]) -> Iterator[str]:
    rows = [line.partition(": ") for line in lines]
    budgets = [(who, rest) for who, _, rest in rows if who != "exception"]
    if budgets:
        yield from ("", "| budget | what it holds | fullest |", "|---|---|---|")
        yield from (f"| {_text(who)} | {_text(rest)} | {_fullest(rest)} |" for who, rest in budgets)
    exceptions = [rest for who, _, rest in rows if who == "exception"]
    if exceptions:
        yield from ("", "Exceptions:", "", *(f"- {_text(one)}" for one in exceptions))


def _fullest(text: str) -> str:
    parts = [(float(amount) / float(whole), kind) for amount, whole, kind in _AMOUNT.findall(text) if float(whole)]
    return "-" if not parts else "{:.0%} of {}".format(*max(parts))


def _violations(found: list[_Found]) -> Iterator[str]:
    by_rule: defaultdict[str, list[_Found]] = defaultdict(list)
    for one in found:
        by_rule[one.rule].append(one)
    for rule, own in sorted(by_rule.items()):
        yield from ("", f"#### {rule}", "")
        yield from (f"- {_item(one.message)}" for one in own[:_SHOWN])
        if len(own) > _SHOWN:
            yield f"- and {len(own) - _SHOWN} more"


def _advice(found: Iterable[_Found]) -> Iterator[str]:
    advice = [one for one in found if one.level == "advisory"]
    if advice:
        yield from (
            "",
            "#### Worth knowing",
            "",
            *(f"- {one.rule}: {_item(one.message)}" for one in advice[:_SHOWN]),
        )


def _passed(events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for event in events:
        if "policyAnalyzeStackSummaryEvent" in event:
            summary = event["policyAnalyzeStackSummaryEvent"]
            passed = summary.get("passed") or []
            if passed:
                yield from ("", f"<details><summary>{len(passed)} rules passed</summary>", "")
                yield from (", ".join(f"`{name}`" for name in sorted(passed)), "", "</details>")


def _text(text: str) -> str:
    """Keep names and reasons from being read as markup: whoever writes a stack chooses them."""
    return html.escape(re.sub(r"([\\|\[\]`*])", r"\\\1", text), quote=False)


def _item(text: str) -> str:
    return _text(text).replace("\n", "\n  ")
