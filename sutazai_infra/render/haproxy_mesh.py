"""The gateway's listeners: the entrance, with TLS, and one for each calling pool and target of the mesh."""

from __future__ import annotations

from collections.abc import Iterable

from sutazai_infra.model.service import PriorityClass
from sutazai_infra.render.haproxy_places import inside, outside, places
from sutazai_infra.render.haproxy_text import Block, connections, ranked, seconds, target_of
from sutazai_infra.render.view import View

__all__ = ["CALLS", "PAGES", "ROUTES", "entrance", "listeners", "mesh_targets"]

CERTIFICATE = "/run/secrets/gateway.pem"
PAGES = "frontend"
# Path -> service; what has none of these is a page. A service's own links are made for the path that it is below.
ROUTES = {"/api": "backend", "/prometheus": "prometheus", "/alertmanager": "alertmanager", "/grafana": "grafana"}
# Nobody proves who he is at the entrance; so it shows what these know, and lets nobody silence or reload them.
_WATCHING = "/prometheus", "/alertmanager"
_READS = "GET HEAD OPTIONS"
# What Prometheus' pages and Grafana POST since it may be long.
_QUERIES = "^/prometheus/api/v1/(query|query_range|query_exemplars|format_query|labels|series)$"
# The entrance's connections of one network inside: enough for probes.
_PROBES = 16
# Who asks from outside is a person or a program that one waits for.
_ENTRANCE = PriorityClass.HIGH, PriorityClass.CRITICAL
# Those beyond `maxconn` wait in the kernel. By default as many as that, which a burst of agents would exceed.
_BACKLOG = 1024
_FROM_HEADER = "req.hdr(x-request-id)"
# What holds for every listener of the mesh; each one's own lines come after these.
CALLS = (
    # A connection that nobody speaks on would be one of few.
    "timeout http-keep-alive 2s",
    "http-request set-var(txn.path) path",
    "http-request set-var(txn.id) unique-id",
    # A request that follows from another keeps its number.
    f"http-request set-var(txn.called) {_FROM_HEADER}",
    "http-request set-var(txn.id) var(txn.called) if { var(txn.called) -m reg ^[A-Za-z0-9-]{1,64}$ }",
)


def mesh_targets(view: View) -> list[str]:
    """List the targets of the mesh that the gateway reaches in this stack."""
    return [name for name in view.catalogue.mesh.targets if view.reachable(name)]


def entrance(view: View) -> Block:
    """The published listener: TLS, HTTP/2 and 1.1, and a service by its path."""
    return "frontend entrance from listeners", _entrance(view)


def listeners(view: View) -> Iterable[Block]:
    """Those of the mesh: plain HTTP, on a port of its own for each pool and target."""
    mesh, targets = view.catalogue.mesh, mesh_targets(view)
    for pool in mesh.pools:
        for name in targets:
            lines = _listener(view, pool, name, _share(view, pool, len(targets)))
            yield f"frontend mesh-{pool}-{name} from calls", lines


def _entrance(view: View) -> Iterable[str]:
    port = {port.name: port.container for port in view.service.ports}["https"]
    secured = f"ssl crt {CERTIFICATE} alpn h2,http/1.1"
    yield f'bind "{outside(view)}:{port}" {secured} backlog {_BACKLOG} id 1'
    for number, (place, _) in enumerate(inside(view), start=2):
        yield f'bind "{place}:{port}" {secured} maxconn {_PROBES} id {number}'
    yield f"maxconn {connections(view)[1]}"
    yield f"timeout client {seconds(max(_patience(view, name) for name in {*ROUTES.values(), PAGES}))}"
    yield "http-request set-var(txn.path) path"
    yield "http-request set-var(txn.id) unique-id"
    yield "http-request set-var(txn.pool) str(entrance)"
    yield from ranked(*_ENTRANCE)
    for number, (_, pool) in enumerate(inside(view), start=2):
        priority = view.catalogue.mesh.pools[pool].priority.value
        yield f"http-request set-var(txn.priority) str({priority}) if {{ so_id {number} }}"
    yield from _refusals(view)
    yield "# Who asks may say neither on whose behalf nor how."
    yield "http-request del-header x-forwarded-for"
    yield "http-request set-header x-forwarded-proto https"
    for path, name in ROUTES.items():
        if view.reachable(name):
            yield f"use_backend {name} if {{ path {path} }} || {{ path_beg {path}/ }}"
    yield f"default_backend {PAGES}"


def _refusals(view: View) -> Iterable[str]:
    """Refuse what a page of somebody else's has a browser do, and whatever would change what watches the stack."""
    yield "# A browser says whose page asks. Others say nothing; so whoever does must come from here."
    yield "http-request set-var(txn.host) req.hdr(host),lower"
    yield "http-request set-var(txn.home) str(https:),concat(//,txn.host)"
    yield "acl page req.fhdr(origin) -m found"
    yield "acl home req.fhdr(origin),lower,strcmp(txn.home) eq 0"
    yield _denied("pages of other sites may ask nothing here", "page !home")
    yield "# From inside the entrance is only probed: services have listeners of their own."
    yield f"acl reads method {_READS}"
    yield _denied("only reads pass here from inside: call the mesh", "{ so_id gt 1 } !reads")
    watching = [path for path in _WATCHING if view.reachable(ROUTES[path])]
    if watching:
        # Decoded, and more than is routed there: of two readings of a path the stricter one counts.
        yield f"acl watching path,url_dec,lower -m beg {' '.join(watching)}"
        yield f"acl asks path -m reg {_QUERIES}"
        yield _denied("only reads pass here; change silences with amtool inside", "watching !reads !asks")


def _denied(why: str, condition: str) -> str:
    body = f'\'{{"error":"{why}"}}\''
    return f"http-request return status 403 content-type application/json string {body} if {condition}"


def _listener(view: View, pool: str, name: str, most: int) -> Iterable[str]:
    mesh = view.catalogue.mesh
    caller = mesh.pools[pool]
    addresses = ",".join(f'"{place}:{mesh.port(pool, name)}"' for place in places(view, pool))
    yield f"bind {addresses} backlog {_BACKLOG}"
    yield f"maxconn {most}"
    yield f"timeout client {seconds(_patience(view, name))}"
    yield f"http-request set-var(txn.pool) str({pool})"
    yield from ranked(caller.priority, caller.ceiling)
    yield f"default_backend {name}"


def _patience(view: View, name: str) -> int:
    target = target_of(view, name)
    return target.answer + target.wait


def _share(view: View, pool: str, targets: int) -> int:
    """Divide the mesh's connections by the pools' memory, which bounds who can be in them; then by targets.

    By the catalogue's numbers: one agent more, or another stack on the host, must not replace the gateway.
    """
    memory = {one.name: one.memory for one in view.catalogue.pools if one.name in view.catalogue.mesh.pools}
    return max(1, connections(view)[1] * memory[pool] // sum(memory.values()) // targets)
