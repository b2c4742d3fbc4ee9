"""The documentation of the rules, from the rules themselves: what is written there can't be out of date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sutazai_policy.rule import Category, Rule
from sutazai_policy.schema import config_schema

__all__ = ["rules_document"]

_HEAD = """\
# The rules

Written by `python -m sutazai_policy rules`; a test holds this page to the rules. How they are run and configured:
[the pack's README](README.md).

Sources: *strategy* is the resource strategy that the pack was made for (tiers, pools, quotas, anti-affinity), as
resolved in this project's `docs/architecture.md`; *CIS* is the CIS Docker Benchmark 1.6, *KICS* its queries on
Compose files; *provider* and *Docker Engine* are what was seen in runs of `pulumi-docker` 5.2 and of the engine
(decision 11 in `docs/decisions`).
"""
_ABOUT = {
    Category.BUDGET: "What is requested and may be taken, against the host, its tiers and its pools.",
    Category.SHAPE: "What every container has to say, so that Docker and the provider do what is meant.",
    Category.DATA: "What must not be lost, or written by two.",
    Category.NETWORK: "Who can reach what.",
    Category.SECURITY: "What a container may do to its host.",
    Category.REPORT: "What was checked.",
}
_DEFAULT = re.compile(r"\s*Defaults?\b(.*)", re.DOTALL)


def rules_document(rules: Iterable[Rule[Any]]) -> str:
    """Return the page: a table a category, then each rule by itself."""
    ordered = list(rules)
    parts = [_HEAD]
    for category in Category:
        own = [rule for rule in ordered if rule.category is category]
        if own:
            parts.append(f"## {category.value.capitalize()}\n\n{_ABOUT[category]}\n\n{_table(own)}")
    parts.append("## One by one\n")
    parts += [_section(rule) for rule in ordered]
    return "\n".join(parts)


def _table(rules: Sequence[Rule[Any]]) -> str:
    rows = [
        "| rule | level | what has to be | parameters | source |",
        "|---|---|---|---|---|",
        *(
            f"| [`{rule.name}`](#{rule.name}) | {_level(rule)} | {_cell(rule.description)}"
            f" | {', '.join(f'`{name}`' for name in config_schema(rule.settings)) or '-'} | {_cell(rule.source)} |"
            for rule in rules
        ),
    ]
    return "\n".join(rows) + "\n"


def _level(rule: Rule[Any]) -> str:
    return f"{rule.level.value}, {rule.severity.value}"


def _section(rule: Rule[Any]) -> str:
    return "\n".join(_lines(rule))


def _lines(rule: Rule[Any]) -> Iterator[str]:
    yield f"### {rule.name}\n"
    yield f"{rule.description} {rule.why}\n"
    yield rule.remediation + "\n"
    settings = config_schema(rule.settings)
    if settings:
        yield "| parameter | meaning | default |"
        yield "|---|---|---|"
        yield from (_setting(name, found["description"]) for name, found in settings.items())
        yield ""
    before = " It judges each resource before it is made, too." if rule.alone else ""
    yield f"*{_level(rule)}; sees {rule.sees.value} beside the stack's resources; {rule.source}.*{before}\n"


def _setting(name: str, description: str) -> str:
    meaning = _DEFAULT.sub("", description)
    default = description[len(meaning) :].strip().removeprefix("Defaults").removeprefix("Default").strip(" :.")
    return f"| `{name}` | {_cell(meaning)} | {_cell(default)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
