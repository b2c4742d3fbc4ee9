"""Remove what a stack has left behind: old images and stages of builds, stopped one-offs, rotated logs, networks.

Deliberately never: a volume, what carries files into volumes, anything of another stack, anything that runs.
"""

from __future__ import annotations

from sutazai_infra.operations.cleaning.findings import Keep, Leftover, Snapshot, leftovers
from sutazai_infra.operations.cleaning.look import look
from sutazai_infra.operations.cleaning.removal import Removed, remove

__all__ = ["Keep", "Leftover", "Removed", "Snapshot", "leftovers", "look", "remove"]
