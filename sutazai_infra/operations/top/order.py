"""What services can be ordered by. The command line needs to know it before anything else."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Order"]


class Order(StrEnum):
    """The most first."""

    CPU = "cpu"
    MEMORY = "memory"
    RESTARTS = "restarts"
