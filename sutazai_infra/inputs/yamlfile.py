"""YAML as plain values, strictly: a key that is written twice is refused, with file and line.

Deliberately without anchors' merge keys (`<<`) and tags: a catalogue says what it means where it stands.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from sutazai_infra.model.errors import ConfigError

__all__ = ["read_mapping"]


def read_mapping(path: Path, shown: str, known: Mapping[str, object]) -> dict[str, Any]:
    """Read a file whose top level has only `known` keys; raises `ConfigError` with `shown` and the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(shown, [f"can't be read: {getattr(error, 'strerror', None) or error}"]) from error
    loader = _StrictLoader(text)
    try:
        root = loader.get_single_node()
        _check_top_level(root, shown, known)
        return dict(loader.construct_document(root))
    except _DuplicateKeyError as error:
        raise ConfigError("", [f"{shown}:{error.line}: {error}"]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError("", [f"{shown}:{line}: {error.problem or error.context}"]) from error
    except yaml.YAMLError as error:
        raise ConfigError(shown, [str(error)]) from error
    finally:
        loader.dispose()


class _DuplicateKeyError(Exception):
    def __init__(self, key: Hashable, line: int, first: int) -> None:
        self.line = line
        super().__init__(f"{key}: declared twice, first in line {first}")


class _StrictLoader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            key = key_node.value
            line = key_node.start_mark.line + 1
            if key in lines:
                raise _DuplicateKeyError(key, line, lines[key])
            lines[key] = line
        return super().construct_mapping(node, deep=deep)


def _check_top_level(root: yaml.Node | None, shown: str, known: Mapping[str, object]) -> None:
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(shown, [f"is no mapping; its keys are {', '.join(known)}"])
    problems = [
        f"{shown}:{key.start_mark.line + 1}: {key.value}: unknown key; known keys: {', '.join(known)}"
        for key, _ in root.value
        if key.value not in known
    ]
    if problems:
        raise ConfigError("", problems)
