"""Security options (`seccomp=unconfined`) as Docker reads them: one text that may be written in several ways."""

from __future__ import annotations

from sutazai_policy import reading
from sutazai_policy.facts import Container
from sutazai_policy.reading import Reading

__all__ = ["option_of", "security_opts"]


def security_opts(one: Container) -> Reading[tuple[Reading[str], ...]]:
    """Read a container's options. The provider keeps no order among them: of two that differ either may hold."""
    return reading.texts(one.properties, "securityOpts")


def option_of(text: str) -> tuple[str, str]:
    """Split an option at its first `=`, or where it has none at its first `:`; a bare word has no value."""
    key, _, value = text.partition("=" if "=" in text else ":")
    return key.strip().casefold(), value.strip()
