"""How HAProxy's configuration is put together: sections of indented lines."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from sutazai_infra.model.mesh import MeshTarget
from sutazai_infra.model.service import PriorityClass
from sutazai_infra.render.view import View

__all__ = ["PRIORITY", "Block", "at_once", "block", "connections", "ranked", "seconds", "target_of"]

PRIORITY = "x-sutazai-priority"
# Both sides' buffers, the state of a stream and of TLS, when a request is in hand.
_KIB_PER_CONNECTION = 64
_STATISTICS = 16
_PLAIN = MeshTarget(number=1)
Block = tuple[str, Iterable[str]]


def block(name: str, lines: Iterable[str]) -> str:
    """Write a section."""
    return "".join([f"{name}\n", *(f"    {line}\n" for line in lines)])


def connections(view: View) -> tuple[int, int]:
    """Count the clients' connections of the gateway: all, and those of entrance and mesh, each half.

    Half of its declared memory limit is for them. Of the declared one: the planned one gives way where others need
    room, and each new number here would replace the gateway. A few more are for whoever looks at a full gateway.
    """
    override = view.settings.overrides.get(view.service.name)
    declared = override.memory_limit if override and override.memory_limit else view.service.limits.memory
    every = declared * 1024 // 2 // _KIB_PER_CONNECTION
    return every, max(1, (every - _STATISTICS) // 2)


def target_of(view: View, name: str) -> MeshTarget:
    """Return what a service takes: what the mesh says of it, else the usual."""
    return view.catalogue.mesh.targets.get(name, _PLAIN)


def at_once(view: View, target: MeshTarget, name: str) -> int:
    """Count the requests that one replica of a service is given at a time: by the cores that it has."""
    rows = view.rows(name)
    return max(1, ceil(target.requests_per_core * ceil(rows[0].cpu_limit if rows else 1)))


def ranked(priority: PriorityClass, ceiling: PriorityClass) -> Iterable[str]:
    """Give a request its class: the header's, but none above the ceiling; the given one, where it names none."""
    header = f"req.hdr({PRIORITY})"
    asked = "var(txn.asked)"
    points = {one: one.value_points for one in PriorityClass}
    below = [one.value for one in PriorityClass if points[one] <= points[ceiling]]
    above = [one.value for one in PriorityClass if points[one] > points[ceiling]]
    yield f"http-request set-var(txn.priority) str({priority.value})"
    # One value is looked at and taken: a header that comes several times matches by any, and is read as its last.
    yield f"http-request set-var(txn.asked) {header}"
    yield f"http-request set-var(txn.priority) {asked} if {{ {asked} -m str {' '.join(below)} }}"
    if above:
        yield f"http-request set-var(txn.priority) str({ceiling.value}) if {{ {asked} -m str {' '.join(above)} }}"


def seconds(*amounts: int) -> str:
    """Write a time-out."""
    return f"{sum(amounts)}s"
