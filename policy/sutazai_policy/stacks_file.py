"""`stacks.yaml`: what the operator says about each stack, so that commands need no further configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sutazai_policy.settings import SettingsError

__all__ = ["stack_settings"]


def stack_settings(
    file: Path | None, stack: str | None, rule: str, known: Mapping[str, frozenset[str]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the file says to `rule` about `stack`: the shared settings that it has, then its own.

    `known` gives the settings of each rule by name. Raises SettingsError for whatever can't be understood,
    since a misspelt line would otherwise loosen a budget in silence.
    """
    block = _block(file, stack)
    shared = {key: value for key, value in block.items() if key in known[rule]}
    everywhere = frozenset().union(*known.values())
    for key in block:
        if key not in everywhere and key not in known:
            raise SettingsError(
                f"{stack}.{key}: no rule and no setting has this name: use one of"
                f" {', '.join(sorted({*everywhere, *known}))}"
            )
    return shared, _mapping(block.get(rule), f"{stack}.{rule}")


def _block(file: Path | None, stack: str | None) -> dict[str, Any]:
    if file is None or stack is None or not file.exists():
        return {}
    try:
        stacks = _mapping(yaml.safe_load(file.read_text(encoding="utf-8")), file.name)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"can't be read ({' '.join(str(error).split())})") from error
    return _mapping(stacks.get(stack), stack)


def _mapping(value: object, path: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise SettingsError(f"{path}: give keys and values, not {value!r}")
    return {str(key): entry for key, entry in value.items()}
