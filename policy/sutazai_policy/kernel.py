"""The pack's own look at the kernel: what memory a parent cgroup is really limited to.

Docker makes a missing parent cgroup without any limit, and a name promises nothing. Where the engine runs on the
machine that the pack runs on, the kernel says what is there; for a remote engine the settings are believed.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["cgroup_memory"]

_CGROUPS = Path("/sys/fs/cgroup")
# cgroup v1 writes "no limit" as the largest multiple of a page that fits.
_ENDLESS = 2**62


def cgroup_memory(parent: str, root: Path = _CGROUPS) -> int | None:
    """Return the bytes that a `cgroup_parent` is limited to, or None if it isn't there or has no limit."""
    unified = (root / "cgroup.controllers").exists()
    folder = (root if unified else root / "memory") / _path(parent)
    try:
        text = (
            (folder / ("memory.max" if unified else "memory.limit_in_bytes")).read_text(encoding="ascii").strip()
        )
    except (OSError, ValueError):
        return None
    return int(text) if text.isdigit() and int(text) < _ENDLESS else None


def _path(parent: str) -> str:
    """Spell a slice as systemd nests it: `a-b.slice` lies in `a.slice`."""
    if not parent.endswith(".slice"):
        return parent.strip("/")
    parts = parent.removesuffix(".slice").split("-")
    return "/".join(f"{'-'.join(parts[: count + 1])}.slice" for count in range(len(parts)))
