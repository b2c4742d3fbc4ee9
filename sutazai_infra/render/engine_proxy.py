"""The engine's proxy: what of the engine's API may be asked, by whom it can be reached, and nothing else.

A socket that is mounted read-only isn't read-only: only what is said through it decides. So the one container that
holds it lets seven questions through, each by its whole text, and answers everything else itself with 403.

An inspection tells every container's environment. That is accepted: the policy pack keeps secrets out of it
(`env-secrets`), and only the container exporter shares a network with the proxy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sutazai_infra.render.view import HEADER, View

__all__ = ["engine_proxy"]

# Two per connection: the client's and the engine's. The exporter asks 8 at a time and listens to one stream.
_CONNECTIONS = 400
_ENGINE_REQUESTS = 160
_VERSION = r"^(/v1\.[0-9]{1,3})?"
_CONTAINER = r"/containers/[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"
_VALUE = "[^&]*"


def engine_proxy(view: View) -> str:
    """Write haproxy.cfg for the one service that has the engine's socket."""
    (socket,) = view.service.sockets
    blocks: tuple[tuple[str, Iterable[str]], ...] = (
        ("global", ("log stdout format raw local0 info", f"maxconn {_CONNECTIONS}")),
        ("defaults", _DEFAULTS),
        ("frontend questions", _questions(view.service.ports[0].container)),
        ("backend engine", _engine(socket)),
    )
    return f"# {HEADER}\n" + "\n".join(_block(name, lines) for name, lines in blocks)


def _block(name: str, lines: Iterable[str]) -> str:
    return "".join([f"{name}\n", *(f"    {line}\n" for line in lines)])


_DEFAULTS = (
    "mode http",
    "log global",
    "option httplog",
    "timeout connect 2s",
    "timeout http-request 5s",
    "timeout http-keep-alive 60s",
    "timeout queue 5s",
    "timeout client 15m",
    "timeout server 10s",
)


def _questions(port: int) -> Iterable[str]:
    # By one version of HTTP: the other writes its targets differently, and can be begun on the same connection.
    yield f"bind :{port} proto h1"
    yield "# The whole target, as it was sent: undecoded, unmerged, and with its query."
    for pattern in _patterns():
        yield f"acl asked url -m reg '{pattern}'"
    yield "acl reads method GET"
    yield "acl carries req.fhdr_cnt(content-length) gt 0"
    yield "acl carries req.fhdr_cnt(transfer-encoding) gt 0"
    yield "acl carries req.fhdr_cnt(upgrade) gt 0"
    yield "http-request deny deny_status 403 unless reads asked !carries"
    yield "# Only refusals are news."
    yield "http-request set-log-level silent"
    yield "default_backend engine"


def _engine(socket: str) -> Iterable[str]:
    yield "# Events come when they come."
    yield "http-request set-timeout server 10m if { path_end /events }"
    yield f"server engine unix@{socket} maxconn {_ENGINE_REQUESTS}"


def _patterns() -> Iterable[str]:
    for path in ("/_ping", "/version", "/info"):
        yield f"{_VERSION}{path}$"
    yield _pattern("/events", {"since": _VALUE, "until": _VALUE, "filters": _VALUE})
    # With size=1 the engine would measure every container's files.
    listing = {"all": _VALUE, "limit": _VALUE, "filters": _VALUE, "size": "0", "trunc_cmd": _VALUE}
    yield _pattern("/containers/json", listing)
    yield f"{_VERSION}{_CONTAINER}/json$"
    # One sample, and said so: left alone, it is a stream, which would hold one of the few connections.
    yield rf"{_VERSION}{_CONTAINER}/stats\?stream=[Ff]alse(&one-shot=[Tt]rue)?$"


def _pattern(path: str, parameters: Mapping[str, str]) -> str:
    one = "|".join(f"{name}={value}" for name, value in parameters.items())
    return rf"{_VERSION}{path}(\?({one})(&({one}))*)?$"
