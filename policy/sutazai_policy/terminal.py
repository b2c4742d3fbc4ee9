"""Text that a terminal shows as it is: whoever writes a stack chooses its names, and could else erase lines."""

from __future__ import annotations

__all__ = ["plain"]


def plain(text: str, keep: str = "") -> str:
    """Escape what a terminal would obey, and line ends unless they are kept."""
    if text.isprintable():
        return text
    return "".join(one if one in keep or one.isprintable() else repr(one)[1:-1] for one in text)
