"""What is looked up once for several judgements: the operator's file, settings, hosts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sutazai_policy.engine import EngineError
from sutazai_policy.settings import SettingsError

__all__ = ["Looked"]

T = TypeVar("T")


class Looked:
    """Answers by key; a failure is an answer too, so that an engine that is silent isn't waited for again."""

    def __init__(self) -> None:
        self._found: dict[Any, Any] = {}

    def once(self, key: object, look: Callable[[], T]) -> T:
        """Return what `look` returned, or raise what it raised, when it was first asked for under this key."""
        if key not in self._found:
            try:
                self._found[key] = look()
            except (SettingsError, EngineError) as error:
                self._found[key] = error
        found: T | Exception = self._found[key]
        if isinstance(found, Exception):
            raise found.with_traceback(None)
        return found
