"""A stack with one Swarm service beside the plain containers, broken in one place."""

from __future__ import annotations

from typing import Any

from tests.policy.stacks import LEFT_OUT, SERVICE, Stack, service, small_stack

__all__ = ["swarm_stack"]


def swarm_stack(task: dict[str, Any] | None = None, **spec: Any) -> Stack:
    """Return the small stack and a service `worker`, with other properties in its task and its container."""
    properties = service(1, 10**8, 2**28)
    _change(properties["taskSpec"]["containerSpec"], spec)
    _change(properties["taskSpec"], task or {})
    return small_stack().add("worker", properties, SERVICE)


def _change(group: dict[str, Any], values: dict[str, Any]) -> None:
    group |= values
    for key in [key for key, value in group.items() if value is LEFT_OUT]:
        del group[key]
