"""Security options (`seccomp=unconfined`) as Docker reads them: one text that may be written in several ways."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["option_of"]


@lru_cache(maxsize=1024)
def option_of(text: str) -> tuple[str, str]:
    """Split an option at its first `=`, or where it has none at its first `:`; a bare word has no value."""
    key, _, value = text.partition("=" if "=" in text else ":")
    return key.strip().casefold(), value.strip()
