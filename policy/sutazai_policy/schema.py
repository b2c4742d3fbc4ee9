"""A rule's settings as the JSON schema that Pulumi shows, and checks `--policy-pack-config` against."""

from __future__ import annotations

from typing import Any

from sutazai_policy.settings import Settings

__all__ = ["config_schema"]


def config_schema(model: type[Settings]) -> dict[str, Any]:
    """Return the schema of each setting, self-contained, without top-level defaults (see `settings`)."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    return {
        name: _inlined({key: part for key, part in found.items() if key != "default"}, definitions)
        for name, found in schema.get("properties", {}).items()
    }


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    """Put definitions in place of references: Pulumi keeps the properties only, so `$defs` would be lost."""
    if isinstance(part, list):
        return [_inlined(one, definitions) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in part.items() if not _is_title(key, value)}


def _is_title(key: str, value: Any) -> bool:
    return key == "title" and isinstance(value, str)
