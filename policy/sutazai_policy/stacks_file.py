"""`stacks.yaml`: what the operator says about each stack, so that commands need no further configuration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from sutazai_policy.rule import Rule
from sutazai_policy.settings import SettingsError, merge

__all__ = ["EVERY_STACK", "pack_config", "stack_settings"]

EVERY_STACK = "*"


def stack_settings(
    file: Path | None, stack: str | None, rule: str, known: Mapping[str, frozenset[str]]
) -> list[dict[str, Any]]:
    """Return what the file says to `rule`, the weakest first: of every stack (`*`), then of `stack`.

    Of each, the settings that rules share come before the rule's own. `known` gives each rule's settings by name.
    Raises SettingsError for whatever can't be understood: a misspelt line would loosen a budget in silence.
    """
    stacks = _read(file)
    names = [EVERY_STACK, *([stack] if stack is not None else [])]
    return [part for name in names for part in _parts(_mapping(stacks.get(name), name), name, rule, known)]


def pack_config(file: Path, stack: str, rules: Iterable[Rule[Any]]) -> dict[str, dict[str, Any]]:
    """Return what the file says about a stack, as `--policy-pack-config` takes it: levels and settings by rule."""
    rules = tuple(rules)
    known = {rule.name: frozenset(rule.settings.model_fields) for rule in rules}
    return {
        rule.name: {
            "enforcementLevel": rule.level.value,
            **_jsonable(merge(*stack_settings(file, stack, rule.name, known))),
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
    block: Mapping[str, Any], name: str, rule: str, known: Mapping[str, frozenset[str]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    everywhere = frozenset().union(*known.values())
    for key in block:
        if key not in everywhere and key not in known:
            raise SettingsError(
                f"{name}.{key}: no rule and no setting has this name: use one of"
                f" {', '.join(sorted({*everywhere, *known}))}"
            )
    shared = {key: value for key, value in block.items() if key in known[rule]}
    return shared, _mapping(block.get(rule), f"{name}.{rule}")


def _read(file: Path | None) -> dict[str, Any]:
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
