"""A stack's settings, from the configuration that Pulumi hands to the program or from the stack's file itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sutazai_infra.model.errors import ConfigError, SutazaiError
from sutazai_infra.model.settings import Settings

__all__ = ["PROJECT", "settings_from_config", "settings_from_file"]

PROJECT = "sutazai-infra"


def settings_from_config(config: Mapping[str, str], stack: str) -> Settings:
    """Read the settings from Pulumi's flat configuration (`project:key` -> text; objects as JSON)."""
    return _settings({key: _decoded(value) for key, value in config.items()}, f"stack {stack}")


def settings_from_file(folder: Path, stack: str) -> Settings:
    """Read the settings from `Pulumi.<stack>.yaml`; raises `ConfigError` when there is no such stack."""
    path = folder / f"Pulumi.{stack}.yaml"
    if not path.is_file():
        known = sorted(p.name.removeprefix("Pulumi.").removesuffix(".yaml") for p in folder.glob("Pulumi.*.yaml"))
        raise SutazaiError(f"there is no stack {stack!r} (no {path.name}); there are: {', '.join(known)}")
    try:
        document = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, ValueError) as error:  # also what isn't UTF-8, and numbers beyond any use
        raise ConfigError(path.name, [f"not YAML: {error}"]) from None
    document = {} if document is None else document  # an empty file
    config = document.get("config") if isinstance(document, dict) else document
    if not isinstance(config, dict | None):
        raise ConfigError(path.name, ["config: must map keys such as sutazai-infra:host to values"])
    return _settings(config or {}, path.name)


def _settings(config: Mapping[str, Any], source: str) -> Settings:
    prefix = f"{PROJECT}:"
    own = {str(k).removeprefix(prefix): value for k, value in config.items() if str(k).startswith(prefix)}
    try:
        return Settings.parsed(source, own)
    except ConfigError as error:
        raise ConfigError(source, (prefix + problem for problem in error.problems)) from None


def _decoded(value: str) -> Any:
    """Pulumi passes objects and lists as JSON text, everything else as it was written."""
    if value[:1] not in {"{", "["}:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
