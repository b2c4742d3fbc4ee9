"""The one error that a person is meant to read."""

from __future__ import annotations


class ToolchainError(Exception):
    """Says who misses what, and the way out; shown without a traceback."""
