"""What the gateway hands requests on to: replicas, their checks and circuits, and how often a request is sent."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from sutazai_infra.model.service import PriorityClass
from sutazai_infra.render.haproxy_mesh import PAGES, ROUTES, mesh_targets
from sutazai_infra.render.haproxy_text import PRIORITY, Block, at_once, seconds, target_of
from sutazai_infra.render.view import View

__all__ = ["TARGETS", "servers"]

_SLOTS = 4
_FAILURES = {502: "failed", 503: "is busy or down", 504: "gave no answer in time"}
_SAFE = "GET HEAD OPTIONS"

# What holds for every target; each one's own lines come after these.
TARGETS = (
    *(
        f"http-request set-priority-class int({-one.value_points}) if {{ var(txn.priority) -m str {one.value} }}"
        for one in PriorityClass
    ),
    f"http-request set-header {PRIORITY} %[var(txn.priority)]",
    "http-request set-header x-request-id %[var(txn.id)]",
    "option forwardfor",
    # Sent again where it never left; where it may have been received, only what asks and changes nothing.
    "retries 2",
    "option redispatch 1",
    "retry-on conn-failure empty-response response-timeout",
    f"http-request disable-l7-retry unless {{ method {_SAFE} }}",
    "http-response set-header x-request-id %[var(txn.id)]",
    # An agent that asks for a task and gets none is no news, 69 times in 5 seconds.
    "http-response set-log-level silent if { status 204 }",
    "balance leastconn",
    "http-reuse always",
    "option httpchk",
    # A server that answers its check with 404 is about to leave: it ends what it has, and is given nothing more,
    # unless there is nobody else: then `use-server` below finds that it still serves.
    "http-check disable-on-404",
)


def servers(view: View) -> Iterable[Block]:
    """Write a section for each service that something leads to; absent ones only answer 503."""
    routed = [name for name in ROUTES.values() if view.reachable(name)]
    for name in dict.fromkeys([*routed, PAGES, *mesh_targets(view)]):
        yield f"backend {name} from targets", _server(view, name)


def _server(view: View, name: str) -> Iterable[str]:
    target = target_of(view, name)
    yield f"timeout queue {seconds(target.wait)}"
    yield f"timeout server {seconds(target.answer)}"
    for path in target.once:
        yield f"http-request disable-l7-retry if {{ path,url_dec -m beg {path} }}"
    yield f"http-check send meth GET uri {_probe(view, name)} ver HTTP/1.1 hdr host {name}"
    for slot in range(1, _slots(view, name) + 1):
        yield f"use-server {name}{slot} if {{ nbsrv eq 0 }} {{ srv_is_up({name}{slot}) }}"
    yield from (_error(name, status, what) for status, what in _FAILURES.items())
    most = at_once(view, target, name)
    # Five failures in a row open the circuit, two good checks close it. A good check begins a new row: with a
    # longer one, a server that is rarely asked might fail for ever.
    circuit = "observe layer7 error-limit 5 on-error mark-down"
    check = f"check inter 2s fastinter 1s downinter 2s fall 3 rise 2 {circuit}"
    # Connections are closed here before a server closes them, and so none is used in that very moment.
    pool = f"pool-max-conn {most} pool-purge-delay 1s"
    yield (
        f"server-template {name} {_slots(view, name)} {view.address(name)} {check}"
        f" maxconn {most} slowstart 10s {pool}"
    )


def _slots(view: View, name: str) -> int:
    """Count places rather than replicas: one more must not change the file, and so replace the gateway."""
    return _SLOTS * max(1, ceil(len(view.rows(name)) / _SLOTS))


def _probe(view: View, name: str) -> str:
    probe = view.catalogue.service(name).probe
    return probe.http.path if probe and probe.http else "/"


def _error(name: str, status: int, what: str) -> str:
    hint = " hdr retry-after 5" if status == 503 else ""
    if name == PAGES:
        return (
            f"http-error status {status} content-type text/plain string 'The front end {what}; try again.'{hint}"
        )
    return (
        f"http-error status {status} content-type application/json"
        f' string \'{{"error":"{name} {what}; try again"}}\'{hint}'
    )
