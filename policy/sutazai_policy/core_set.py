"""Core sets as bit masks: core 3 is bit 3, a union is `|`, and |set| is `bit_count()`.

Written as Docker writes them (`2-3,6`) and read strictly: what the kernel would refuse is refused here.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["core_numbers", "core_set_text", "parse_core_set", "span"]

# Linux can be built for at most 8192 CPUs; the bound also keeps a hostile `0-4294967295` from filling memory.
_HIGHEST_CORE = 8191
_RANGE = re.compile(r"(\d{1,10})(?:-(\d{1,10}))?", re.ASCII)


@lru_cache(maxsize=4096)
def parse_core_set(text: str) -> int:
    """Read `2-3,6` as a mask; raises ValueError with what is wrong."""
    mask = 0
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ValueError("no core set")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise ValueError(f"no core set ({part} runs backwards)")
        if last > _HIGHEST_CORE:
            raise ValueError(f"no core set (Linux has no core {last})")
        mask |= span(first, last - first + 1)
    return mask


def span(first: int, count: int) -> int:
    """Return the mask of `count` neighbouring cores from `first` on."""
    return ((1 << count) - 1) << first


def core_numbers(mask: int) -> list[int]:
    """Return the cores of a mask in ascending order."""
    cores = []
    while mask:
        lowest = mask & -mask
        cores.append(lowest.bit_length() - 1)
        mask ^= lowest
    return cores


def core_set_text(mask: int) -> str:
    """Write a mask as Docker writes it, or `none`."""
    runs: list[list[int]] = []
    for core in core_numbers(mask):
        if runs and runs[-1][-1] == core - 1:
            runs[-1] = [runs[-1][0], core]
        else:
            runs.append([core])
    return ",".join("-".join(map(str, run)) for run in runs) or "none"
