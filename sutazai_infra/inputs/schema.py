"""JSON schemas of the catalogue's files, for editors: generated from the models, never written by hand.

`python -m sutazai_infra.inputs.schema` writes them to `catalogue/schema/`; `--check` only says which are out of
date, and fails if any is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from sutazai_infra.inputs.files import KINDS, FileKind, Section

__all__ = ["main", "outdated", "schema_of", "write"]

FOLDER = Path(__file__).resolve().parents[2] / "catalogue" / "schema"
_NAMES = {"pattern": r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"}


def schema_of(kind: FileKind) -> dict[str, Any]:
    """Describe one kind of file."""
    models = [(section.model, "validation") for section in kind.sections.values()]
    _, described = models_json_schema(models, ref_template="#/$defs/{model}")  # type: ignore[arg-type]
    definitions: dict[str, Any] = described["$defs"]
    for section in kind.sections.values():
        _leave_out(definitions[section.model.__name__], section.given)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"sutazai-infra catalogue: {kind.name}",
        "description": kind.description,
        "type": "object",
        "additionalProperties": False,
        "properties": {title: _section(section) for title, section in kind.sections.items()},
        "$defs": definitions,
    }


def outdated(folder: Path = FOLDER) -> list[str]:
    """List the schema files of `folder` that differ from the models."""
    return [
        name
        for name, text in _files().items()
        if not (folder / name).is_file() or (folder / name).read_text() != text
    ]


def write(folder: Path = FOLDER) -> list[str]:
    """Write all schema files; return the names of those that changed."""
    changed = outdated(folder)
    folder.mkdir(parents=True, exist_ok=True)
    texts = _files()
    for name in changed:
        (folder / name).write_text(texts[name])
    return changed


def main(arguments: Sequence[str]) -> int:
    """Write, or with `--check` compare; return the exit status."""
    if list(arguments) == ["--check"]:
        names = outdated()
        for name in names:
            print(f"catalogue/schema/{name}: out of date; run python -m sutazai_infra.inputs.schema")
        return 1 if names else 0
    if arguments:
        print("usage: python -m sutazai_infra.inputs.schema [--check]")
        return 2
    for name in write():
        print(f"catalogue/schema/{name}: written")
    return 0


def _files() -> Mapping[str, str]:
    return {f"{kind.name}.schema.json": json.dumps(schema_of(kind), indent=2) + "\n" for kind in KINDS}


def _section(section: Section) -> dict[str, Any]:
    entry = {"$ref": f"#/$defs/{section.model.__name__}"}
    if section.single:
        return {"description": section.description, **entry}
    return {
        "description": section.description,
        "type": "object",
        "propertyNames": _NAMES,
        "additionalProperties": entry,
    }


def _leave_out(definition: dict[str, Any], names: frozenset[str]) -> None:
    definition["properties"] = {key: value for key, value in definition["properties"].items() if key not in names}
    definition["required"] = [key for key in definition.get("required", []) if key not in names]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
