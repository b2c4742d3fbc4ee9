"""Paths of a Linux host as texts: which place one names, however it is spelled.

Docker takes a bind's path as a text, and the kernel follows it. What both do with a text that says little (`//`,
a slash at its end) and with the links that every host has (`/var/run`, `/proc/1/root`) is done here. A path that
only the host itself could follow is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sutazai_policy.parts import shown
from sutazai_policy.reading import Reading

__all__ = ["covers", "host_path"]

_VAR_RUN = re.compile(r"^/var/run(?=/|$)")
# Process 1 and the engine itself see the host's own root; any other process may see another.
_HOST_ROOT = re.compile(r"^/proc/(?:1|self|thread-self)(?:/task/\d+)?/root(?=/|$)")
_ELSEWHERE = re.compile(
    r"^(?:/proc/(?:\d+|self|thread-self)(?:/task/\d+)?/(?:root|cwd|exe|fd|map_files)|/dev/fd)(?=/|$)"
)


def host_path(given: str) -> Reading[str]:
    """Read an absolute path: without what says nothing in it, and followed through links that every host has."""
    if not given.startswith("/"):
        return Reading(problem=f"is {shown(given)}, no absolute path: write the whole path, from / on")
    parts = given.split("/")
    if ".." in parts:
        return Reading(problem=f"is {shown(given)}, which goes up again: write the path that it leads to")
    path = _followed("/" + "/".join(part for part in parts if part not in ("", ".")))
    if _ELSEWHERE.match(path):
        return Reading(problem=f"is {shown(given)}, which may lead anywhere: write the path that it leads to")
    return Reading(path)


def _followed(path: str) -> str:
    while (found := _VAR_RUN.sub("/run", _HOST_ROOT.sub("", path)) or "/") != path:
        path = found
    return path


def covers(places: Iterable[str], path: str) -> bool:
    """Whether a path is one of the places, or lies below one."""
    return any(path == place or path.startswith(f"{place.rstrip('/')}/") for place in places)
