"""The pack's work grows with the number of containers and no faster: counted in lines that run, not in seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from sutazai_policy.core_set import core_set_text
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.rules import all_rules

from tests.policy.odd import HOG
from tests.policy.stacks import TODAY, Stack, container

_RULES = all_rules()
_HOST = {"host": {"cores": 64, "memory_mib": 262144, "reserved_cores": 2}}
_GIVEN = {rule.name: _HOST for rule in _RULES if "host" in rule.settings.model_fields}
_SIZE = 80


class _Lines:
    """Counts the lines of Python that run; each turn of a loop is one, also of a loop within one line."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            yield
        finally:
            sys.settrace(before)

    def _trace(self, _frame: FrameType, event: str, _argument: object) -> Any:
        self.count += event == "line"
        return self._trace


def _properties(number: int) -> dict[str, Any]:
    """Return one of four: a good one, one that breaks all rules, one on cores of its own, one like all others."""
    cores = core_set_text((number * 2654435761 % 2**32 | 1) << 12)
    tier = str(number % 3 + 1)
    return [
        container("16-31", 2, 8, 16, tier, name=f"c{number}", volumes=[_volume(f"data-{number}")]),
        {**HOG, "name": f"c{number}"},
        container(cores, 1000, 8000, 9000, tier, name=f"c{number}"),
        container(
            "16-31", 2, 8, 16, tier, name="same", networksAdvanced=[{"name": "one"}], volumes=[_volume("one")]
        ),
    ][number % 4]


def _volume(name: str) -> dict[str, Any]:
    return {"volumeName": name, "containerPath": "/data"}


def _work(size: int) -> dict[str, int]:
    """Return the lines that each rule ran."""
    stack = Stack()
    for number in range(size):
        stack.add(f"c{number}", _properties(number))
    judge = Judge(stack.resources(), _RULES, _GIVEN, Surroundings(None, {}, TODAY))
    found = {}
    for rule in _RULES:
        lines = _Lines()
        with lines.counted():
            judge.violations(rule)
        found[rule.name] = lines.count
    return found


def test_twice_the_containers_are_at_most_twice_the_work_for_every_rule() -> None:
    _work(4 * _SIZE)  # what is read once and kept
    once, twice, four_times = (_work(size) for size in (_SIZE, 2 * _SIZE, 4 * _SIZE))

    # A sum of squares would take four times as much for the second step as for the first, a straight line twice.
    steps = {name: (twice[name] - once[name], four_times[name] - twice[name]) for name in once}
    assert not {name: step for name, step in steps.items() if step[1] > 2.3 * max(step[0], 0) + 1_000}


def test_what_would_grow_faster_is_seen() -> None:
    lines = _Lines()
    with lines.counted():
        pairs = sum(1 for _ in range(50) for _ in range(50))

    assert pairs == 2500
    assert lines.count >= pairs
