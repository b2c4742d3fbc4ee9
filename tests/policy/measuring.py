"""Judging a stack on a host that the pack measures."""

from __future__ import annotations

from typing import Any

from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.rule import Rule

from tests.policy.stacks import TODAY, Stack, container

__all__ = ["measured", "one_container"]


def measured(rule: Rule[Any], stack: Stack, environ: dict[str, str], **settings: Any) -> list[str]:
    """Return a rule's messages with `host: auto`."""
    surroundings = Surroundings(stacks_file=None, environ=environ, today=TODAY)
    judge = Judge(stack.resources(), [rule], {rule.name: {"host": "auto", **settings}}, surroundings)
    return [found.message for found in judge.violations(rule)]


def one_container(request: int, **properties: Any) -> Stack:
    """Return a stack `dev` of one container that requests so many MiB."""
    return Stack("dev").add("redis", container("4-5", 512, request, request, name="redis", **properties))
