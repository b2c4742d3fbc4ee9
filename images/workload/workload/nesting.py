"""How deeply JSON may be nested: what one reader can still read, the next, deeper in its calls, may not."""

from __future__ import annotations

from collections.abc import Iterable

from workload.errors import Invalid

__all__ = ["DEEPEST", "TooDeep", "measure"]

DEEPEST = 100


class TooDeep(Invalid):
    """A body of more levels than anybody means."""

    def __init__(self) -> None:
        super().__init__(f"the body is nested more than {DEEPEST} levels deep")


def measure(value: object) -> None:
    """Count the levels of what JSON was read into, without a call for each; raises `TooDeep`."""
    level = [value]
    for _ in range(DEEPEST):
        level = [part for whole in level for part in _parts(whole)]
        if not level:
            return
    raise TooDeep


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
