"""Which engine a provider talks to, so that two spellings of one are the same."""

from __future__ import annotations

from sutazai_policy import reading
from sutazai_policy.paths import host_path
from sutazai_policy.reading import Reading
from sutazai_policy.resource import Provider

__all__ = ["engine_host", "engine_socket"]

_UNIX = "unix://"
_DEFAULT = "what DOCKER_HOST names or else the local engine"
_NO_OPTIONS: tuple[object, ...] = (None, "", "[]", [])  # the engine sends a provider's lists as JSON


def engine_host(provider: Provider | None) -> Reading[str]:
    """Read what a provider's engine is, written in one way."""
    properties = provider.properties if provider is not None else {}
    context, options = reading.text(properties, "context"), reading.raw(properties, "sshOpts")
    # The provider takes the context, if there is one, and no notice of the host.
    named = reading.text(properties, "host").then(_address) if context.absent else context.then(_context)
    host: Reading[str] = Reading(_DEFAULT) if named.absent else named
    # With options such as HostName, ssh goes to another host than the address says.
    if options.problem is not None:
        return Reading(problem=f"depends on sshOpts, of which the value {options.problem}")
    if options.value in _NO_OPTIONS:
        return host
    return host.then(lambda found: Reading(f"{found} by sshOpts {options.value}", secret=options.secret))


def _context(name: str) -> Reading[str]:
    return Reading(f"the context {name}")


def _address(given: str) -> Reading[str]:
    """Write an address without a user: who logs in changes no host, and may have a password."""
    scheme, sign, rest = given.strip().partition("://")
    if not sign:
        return Reading(given)
    if scheme.lower() == "unix":
        return Reading(_UNIX + (host_path(rest).value or rest))
    return Reading(f"{scheme}://{rest.rpartition('@')[2].rstrip('/')}".lower())


def engine_socket(provider: Provider) -> str | None:
    """Return the path of the socket that a provider talks to, if it is one."""
    host = engine_host(provider).value or ""
    return host.removeprefix(_UNIX) if host.startswith(f"{_UNIX}/") else None
