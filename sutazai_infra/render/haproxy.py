"""The gateway's configuration: two ways by path, queues by priority, and a circuit that opens to failing servers.

Deliberately without TLS: the stack publishes the gateway on the host's loopback only. Clients that speak HTTP/2
from the first byte are served by the same port; browsers speak it over TLS alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from sutazai_infra.model.service import PriorityClass
from sutazai_infra.render.view import HEADER, View

__all__ = ["haproxy"]

# A connection with its two buffers and a stream's state, when requests are in hand.
KIB_PER_CONNECTION = 64
REQUESTS_PER_CORE = 16
SPARE_SLOTS = 4
Block = tuple[str, Iterable[str]]


def haproxy(view: View) -> str:
    """Write haproxy.cfg; it starts, and answers 503, while what stands behind it is absent."""
    connections = view.row.memory_limit_mib * 1024 // KIB_PER_CONNECTION // 2
    blocks: tuple[Block, ...] = (
        ("global", _global(view, connections)),
        ("resolvers docker", _RESOLVERS),
        ("defaults", _DEFAULTS),
        ("frontend entrance", _entrance(view, connections)),
        (
            "backend api",
            _backend(
                view, "backend", 'string \'{"error":"backend: busy or down; try again"}\'', "application/json"
            ),
        ),
        (
            "backend pages",
            _backend(view, "frontend", "string 'The front end is busy or down; try again.'", "text/plain"),
        ),
        ("frontend stats", _stats(view)),
    )
    return f"# {HEADER}\n" + "\n".join(_block(name, lines) for name, lines in blocks)


def _block(name: str, lines: Iterable[str]) -> str:
    return "".join([f"{name}\n", *(f"    {line}\n" for line in lines)])


def _global(view: View, connections: int) -> Iterable[str]:
    return (
        "log stdout format raw local0 info",
        f"maxconn {connections}",
        # Ended by itself before it is killed; other requests than the last ones have long been answered.
        f"hard-stop-after {max(1, view.service.stop_grace - 5)}s",
        "stats socket /var/run/haproxy/admin.sock mode 600 level operator",
    )


# Docker's own name server. Names are looked up while it runs: a container may come later, or again elsewhere.
_RESOLVERS = (
    "nameserver docker 127.0.0.11:53",
    "resolve_retries 3",
    "timeout resolve 1s",
    "timeout retry 1s",
    "hold valid 5s",
    "hold other 10s",
    "hold nx 5s",
    "hold obsolete 5s",
)
_DEFAULTS = (
    "mode http",
    "option redispatch 1",
    # Only what never reached a server is sent again: a task must not be queued twice.
    "retries 2",
    "retry-on conn-failure",
    "timeout connect 2s",
    "timeout client 30s",
    "timeout server 60s",
    "timeout http-request 10s",
    "timeout http-keep-alive 15s",
    "timeout queue 10s",
    "timeout check 3s",
    "default-server resolvers docker resolve-prefer ipv4 init-addr none",
)


def _entrance(view: View, connections: int) -> Iterable[str]:
    yield f"bind :{_port(view, 'http')}"
    # The rest is for the statistics: to look at a full gateway must be possible.
    yield f"maxconn {max(1, connections - 16)}"
    yield "log global"
    yield "option httplog"
    yield "option dontlognull"
    yield "option forwardfor"
    yield "unique-id-format %[uuid()]"
    yield "http-request set-header x-request-id %[unique-id]"
    yield from _priorities()
    yield "acl api path /api"
    yield "acl api path_beg /api/"
    yield "use_backend api if api"
    yield "default_backend pages"


def _priorities() -> Iterable[str]:
    """Who waits in a queue is served by the strategy's classes: HAProxy takes the lowest number first."""
    yield f"http-request set-priority-class int({-PriorityClass.MEDIUM.value_points})"
    for priority in PriorityClass:
        condition = f"{{ req.hdr(x-sutazai-priority) -m str {priority.value} }}"
        yield f"http-request set-priority-class int({-priority.value_points}) if {condition}"


def _backend(view: View, name: str, refusal: str, content_type: str) -> Iterable[str]:
    rows = view.rows(name)
    at_once = REQUESTS_PER_CORE * max(1, ceil(rows[0].cpu_limit)) if rows else REQUESTS_PER_CORE
    probe = view.catalogue.service(name).probe
    path = probe.http.path if probe and probe.http else "/"
    yield "balance leastconn"
    yield "option httpchk"
    yield f"http-check send meth GET uri {path} ver HTTP/1.1 hdr host {name}"
    yield "http-check expect status 200"
    yield f"http-error status 503 content-type {content_type} {refusal} hdr retry-after 5"
    # Ten failures in a row open the circuit, whatever the checks have seen; two good checks close it.
    circuit = "observe layer7 error-limit 10 on-error mark-down"
    check = f"check inter 5s fastinter 1s downinter 2s fall 3 rise 2 {circuit}"
    # Slots rather than servers: more replicas must not change this file, and so restart the gateway.
    slots = max(SPARE_SLOTS, len(rows))
    yield f"server-template {name} {slots} {view.address(name)} {check} maxconn {at_once} slowstart 10s"


def _stats(view: View) -> Iterable[str]:
    return (
        f"bind :{_port(view, 'stats')}",
        # Says that this process answers; a restart of it would not mend what stands behind it.
        "monitor-uri /health",
        "http-request use-service prometheus-exporter if { path /metrics }",
        "stats enable",
        "stats uri /",
        "stats refresh 10s",
        "stats hide-version",
    )


def _port(view: View, name: str) -> int:
    return {port.name: port.container for port in view.service.ports}[name]
