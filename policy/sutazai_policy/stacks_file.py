"""`stacks.yaml`: what the operator says about each stack, so that commands need no further configuration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import yaml

from sutazai_policy.rule import Rule
from sutazai_policy.settings import SettingsError, merge

__all__ = ["SettingNames", "pack_config", "read_stacks", "stack_settings"]

_EVERY_STACK = "*"
_EXCEPTIONS = "exceptions"


@dataclass(frozen=True, slots=True)
class SettingNames:
    """Which settings each rule has; those that mean the same to all rules that have them can be given at once."""

    by_rule: Mapping[str, frozenset[str]]
    shared: frozenset[str]

    @classmethod
    def of(cls, rules: Iterable[Rule[Any]]) -> Self:
        """Read the names off the rules."""
        by_rule: dict[str, frozenset[str]] = {}
        meanings: defaultdict[str, set[object]] = defaultdict(set)
        for rule in rules:
            fields = rule.settings.model_fields
            by_rule[rule.name] = frozenset(fields)
            for name, field in fields.items():
                meanings[name].add((str(field.annotation), field.description))
        shared = {name for name, found in meanings.items() if len(found) == 1} - {_EXCEPTIONS}
        return cls(by_rule, frozenset(shared))

    def having(self, name: str) -> list[str]:
        """Return the rules that have a setting."""
        return sorted(rule for rule, names in self.by_rule.items() if name in names)


def stack_settings(
    stacks: Mapping[str, Any], stack: str | None, rule: str, known: SettingNames
) -> list[dict[str, Any]]:
    """Return what the file says to `rule`, the weakest first: of every stack (`*`), then of `stack`.

    Of each, the settings that rules share come before the rule's own. Raises SettingsError for whatever can't be
    understood: a misspelt line would loosen a budget in silence.
    """
    names = [_EVERY_STACK, *([stack] if stack is not None else [])]
    return [part for name in names for part in _parts(_mapping(stacks.get(name), name), name, rule, known)]


def pack_config(file: Path, stack: str, rules: Iterable[Rule[Any]]) -> dict[str, dict[str, Any]]:
    """Return what the file says about a stack, as `--policy-pack-config` takes it: levels and settings by rule."""
    rules = tuple(rules)
    stacks, known = read_stacks(file), SettingNames.of(rules)
    return {
        rule.name: {
            "enforcementLevel": rule.level.value,
            **_jsonable(merge(*stack_settings(stacks, stack, rule.name, known))),
        }
        for rule in rules
    }


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_jsonable(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _parts(
    block: Mapping[str, Any], name: str, rule: str, known: SettingNames
) -> tuple[dict[str, Any], dict[str, Any]]:
    for key in block:
        if key not in known.shared and key not in known.by_rule:
            raise SettingsError(f"{name}.{key}: {_unplaced(key, known)}")
    shared = {key: value for key, value in block.items() if key in known.shared & known.by_rule[rule]}
    return shared, _mapping(block.get(rule), f"{name}.{rule}")


def _unplaced(key: str, known: SettingNames) -> str:
    rules = known.having(key)
    if rules:
        return f"each rule has its own: write it below one of {', '.join(rules)}"
    return f"no rule and no setting has this name: use one of {', '.join(sorted({*known.shared, *known.by_rule}))}"


def read_stacks(file: Path | None) -> dict[str, Any]:
    """Return what the file holds, by stack; nothing if there is no file. Raises SettingsError."""
    if file is None or not file.exists():
        return {}
    try:
        return _mapping(yaml.safe_load(file.read_text(encoding="utf-8")), file.name)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"can't be read ({' '.join(str(error).split())})") from error


def _mapping(value: object, path: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SettingsError(f"{path}: give keys and values, not {value!r}")
    return {str(key): entry for key, entry in value.items()}
