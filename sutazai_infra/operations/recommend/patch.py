"""Recommendations as a patch of the catalogue's files: numbers are exchanged where they stand, all else stays."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from sutazai_infra.inputs.files import catalogue_files
from sutazai_infra.model.quantities import format_cores
from sutazai_infra.model.usage import Recommendation
from sutazai_infra.planning.rightsizing import TEMPLATE

__all__ = ["Edit", "edited", "edits_of", "patch_of", "written"]


@dataclass(frozen=True)
class Edit:
    """A scalar of a YAML document by its path, and what it should say."""

    path: tuple[str, ...]
    text: str


def patch_of(folder: Path, recommendations: Iterable[Recommendation]) -> str:
    """Write the changes as a unified diff, which `git apply` takes in the project's folder; empty for none."""
    edits = edits_of(recommendations)
    return "".join(_diffs(folder, edits))


def edits_of(recommendations: Iterable[Recommendation]) -> tuple[Edit, ...]:
    """List what is to be written where."""
    return tuple(
        Edit((*_entry(one.entry), *path.split("/")), written(path, figure.advised))
        for one in recommendations
        for path, figure in one.changes.items()
    )


def written(path: str, amount: int) -> str:
    """Write millicores as cores, and MiB with its unit, as the catalogue does."""
    if path.endswith("cpu"):
        return format_cores(amount)
    return f"{amount // 1024}Gi" if amount % 1024 == 0 else f"{amount}Mi"


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Put new scalars in the place of old ones; a path that the document doesn't have is left out."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    found = [(node, edit.text) for edit in edits if (node := _scalar(root, edit.path)) is not None]
    for node, new in sorted(found, key=lambda pair: pair[0].start_mark.index, reverse=True):
        text = text[: node.start_mark.index] + new + text[node.end_mark.index :]
    return text


def _entry(entry: str) -> tuple[str, ...]:
    return (TEMPLATE,) if entry == TEMPLATE else ("services", entry)


def _scalar(node: yaml.Node | None, path: tuple[str, ...]) -> yaml.ScalarNode | None:
    for key in path:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for name, value in node.value if name.value == key), None)
    return node if isinstance(node, yaml.ScalarNode) else None


def _diffs(folder: Path, edits: tuple[Edit, ...]) -> Iterator[str]:
    for path, _ in catalogue_files(folder):
        before = path.read_text(encoding="utf-8")
        after = edited(before, edits)
        shown = f"{folder.name}/{path.relative_to(folder).as_posix()}"
        yield from difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{shown}", f"b/{shown}"
        )
