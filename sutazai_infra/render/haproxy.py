"""The gateway's configuration: the entrance, the mesh's listeners, what both lead to, and what is measured of it.

Written for HAProxy 2.6, Debian's, and read by 3.2, upstream's, alike. Nothing in it follows from how many replicas
or agents there are: a changed file replaces the gateway.
"""

from __future__ import annotations

from collections.abc import Iterable

from sutazai_infra.render.haproxy_mesh import CALLS, entrance, listeners
from sutazai_infra.render.haproxy_servers import TARGETS, servers
from sutazai_infra.render.haproxy_text import Block, block, connections
from sutazai_infra.render.view import HEADER, View

__all__ = ["haproxy"]


def haproxy(view: View) -> str:
    """Write haproxy.cfg; it starts, and answers 503, while what stands behind it is absent."""
    blocks: tuple[Block, ...] = (
        ("global", _global(view)),
        ("resolvers docker", _RESOLVERS),
        ("defaults common", _COMMON),
        ("defaults listeners from common", _LISTENERS),
        ("defaults calls from listeners", CALLS),
        ("defaults targets from common", TARGETS),
        entrance(view),
        *listeners(view),
        *servers(view),
        ("frontend stats from common", _stats(view)),
    )
    return f"# {HEADER}\n" + "\n".join(block(name, lines) for name, lines in blocks)


def _global(view: View) -> Iterable[str]:
    return (
        "log stdout format raw local0 info",
        f"maxconn {connections(view)[0]}",
        # Ended by itself before it is killed; other requests than the last ones have long been answered.
        f"hard-stop-after {max(1, view.service.stop_grace - 5)}s",
        "stats socket /var/run/haproxy/admin.sock mode 600 level operator",
        # Mozilla's intermediate list.
        "ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets",
        f"ssl-default-bind-ciphers {':'.join(_CIPHERS)}",
    )


_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
# Docker's own name server. Names are looked up while it runs: a container may come later, or again elsewhere. A
# replica that is gone is left at once, since its address may be somebody else's soon.
_RESOLVERS = (
    "nameserver docker 127.0.0.11:53",
    "accepted_payload_size 8192",
    "resolve_retries 3",
    "timeout resolve 1s",
    "timeout retry 1s",
    "hold valid 2s",
    "hold other 10s",
    "hold nx 5s",
)
_COMMON = (
    "mode http",
    "log global",
    "option dontlognull",
    # Who has gone needs no place in a queue.
    "option abortonclose",
    "timeout connect 2s",
    "timeout client 30s",
    "timeout server 30s",
    "timeout http-request 10s",
    "timeout http-keep-alive 15s",
    "timeout check 3s",
    "default-server resolvers docker resolve-prefer ipv4 init-addr none",
)
# One line of JSON a request, with its times in milliseconds.
_FIELDS = {
    "id": '"%[var(txn.id)]"',
    "pool": '"%[var(txn.pool)]"',
    "priority": '"%[var(txn.priority)]"',
    "client": '"%ci"',
    "method": '"%HM"',
    "path": '"%[var(txn.path),json(utf8s)]"',
    "status": "%ST",
    "target": '"%b"',
    "server": '"%s"',
    "retries": '"%rc"',
    "queued": "%bq",
    "ended": '"%tsc"',
    "bytes": "%B",
    "request_ms": "%TR",
    "queue_ms": "%Tw",
    "connect_ms": "%Tc",
    "response_ms": "%Tr",
    "total_ms": "%Ta",
}
_JSON = ",".join(f'"{name}":{value}' for name, value in _FIELDS.items())
_LISTENERS = (
    "unique-id-format %[uuid()]",
    f"log-format '{{{_JSON}}}'",
    # A body is awaited here, as long as a head is; what is longer than a buffer, 16 KiB, goes on to a server then.
    # Who sends it byte by byte would hold one of the few places there.
    "option http-buffer-request",
)


def _stats(view: View) -> Iterable[str]:
    port = {port.name: port.container for port in view.service.ports}["stats"]
    return (
        f"bind :{port}",
        "no log",
        # Says that this process answers; a restart of it would not mend what stands behind it.
        "monitor-uri /health",
        "http-request use-service prometheus-exporter if { path /metrics }",
        "stats enable",
        "stats uri /",
        "stats refresh 10s",
        "stats hide-version",
    )
