"""memory-swap: what a container may swap is as little as the operator allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pulumi_policy import Severity
from pydantic import Field

from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.facts import Container, Facts
from sutazai_policy.messages import told
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.settings import Mib

__all__ = ["RULE"]

_NO_END = -1


class MemorySwapSettings(ExceptableSettings):
    """How much swap a container may have beside its memory."""

    swap_allowance_mib: Annotated[
        Mib, Field(description="MiB by which memorySwap may exceed memory, which it includes. Default: 0.")
    ] = 0


def check(facts: Facts, settings: MemorySwapSettings) -> Iterator[Violation]:
    """Judge containers, whether they are to run or not: the provider sets no service's swap."""
    for one in facts.containers:
        if problem := _problem(one, settings.swap_allowance_mib):
            yield Violation(f"{one.name} {problem}", one.urn)


def _problem(one: Container, allowance: int) -> str | None:
    swap, memory = one.memory_swap, one.memory.value
    allowed = _allowed(one, allowance)
    if swap.problem is not None:
        return f"has a memorySwap that {swap.problem}"
    if not swap.value:
        return f"has no memorySwap, so it may swap as much as its memory again: set memorySwap to {allowed}"
    if swap.value == _NO_END:
        return (
            f"has a memorySwap of {told(_NO_END, swap)}, so it may swap without end: set memorySwap to {allowed}"
        )
    # A container whose memory is missing or can't be read is memory-limit's to refuse.
    if memory and not memory <= swap.value <= memory + allowance:
        return (
            f"has a memorySwap of {told(swap.value, swap)} MB, and memory {told(memory, one.memory)} MB with"
            f" {allowance} MB of swap allows {allowed}: set memorySwap to that, or raise swap_allowance_mib"
        )
    return None


def _allowed(one: Container, allowance: int) -> str:
    if not one.memory.value:
        return "the value of memory"
    least = told(one.memory.value, one.memory)
    return f"{least} to {told(one.memory.value + allowance, one.memory)}" if allowance else least


RULE = Rule(
    name="memory-swap",
    description="What a container may swap has to be bounded by its memorySwap.",
    category=Category.SHAPE,
    severity=Severity.HIGH,
    why=(
        "Without memorySwap Docker lets a container swap as much as its memory again: it then slows the whole host"
        " where it should have been stopped at its limit."
    ),
    source="strategy: resource limits; Docker Engine: the default is twice the memory",
    remediation=(
        "1. Set memorySwap to the value of memory, which it includes: then nothing is swapped.\n"
        "2. Where swap is meant, allow some with swap_allowance_mib."
    ),
    settings=MemorySwapSettings,
    check=check,
    alone=True,
)
