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
    except _BadKeyError as error:
        raise ConfigError("", [f"{shown}:{error.line}: {error}"]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError("", [f"{shown}:{line}: {error.problem or error.context}"]) from error
    except yaml.YAMLError as error:
        raise ConfigError(shown, [str(error)]) from error
    finally:
        loader.dispose()


class _BadKeyError(Exception):
    def __init__(self, line: int, problem: str) -> None:
        self.line = line
        super().__init__(problem)


class _StrictLoader(yaml.CSafeLoader):
    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError as error:
            # What looks like a date or a number, and is none: 2024-13-45.
            raise yaml.MarkedYAMLError(problem=f"{node.value!r}: {error}", problem_mark=node.start_mark) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        lines: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            key, line = _key(key_node), key_node.start_mark.line + 1
            if key in lines:
                raise _BadKeyError(line, f"{key}: declared twice, first in line {lines[key]}")
            lines[key] = line
        return super().construct_mapping(node, deep=deep)


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _BadKeyError(node.start_mark.line + 1, "a key must be a word or a number, not a list or a mapping")
    return str(node.value)


def _check_top_level(root: yaml.Node | None, shown: str, known: Mapping[str, object]) -> None:
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(shown, [f"is no mapping; its keys are {', '.join(known)}"])
    problems = [
        f"{shown}:{key.start_mark.line + 1}: {_key(key)}: unknown key; known keys: {', '.join(known)}"
        for key, _ in root.value
        if _key(key) not in known
    ]
    if problems:
        raise ConfigError("", problems)
