"""What a build tells while it runs; how that looks on a screen is the caller's matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Progress", "ProgressEvent", "ProgressKind", "silent"]

ProgressKind = Literal["cached", "started", "step", "finished", "pruned"]


@dataclass(frozen=True)
class ProgressEvent:
    """One line of news about one image."""

    image: str
    kind: ProgressKind
    text: str = ""


Progress = Callable[[ProgressEvent], None]


def silent(_event: ProgressEvent) -> None:
    """Listen without interest."""
