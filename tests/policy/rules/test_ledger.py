"""The ledger says what was checked: a line for the host, each tier, each pool and each exception."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_policy import EnforcementLevel
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.rules.ledger import RULE
from sutazai_policy.rules.privileged import RULE as PRIVILEGED

from tests.policy.stacks import (
    SERVICE,
    TODAY,
    UNKNOWN,
    Secret,
    Stack,
    container,
    messages,
    reference_stack,
    service,
    small_stack,
    violations,
)

_HOST = "; it has 12 cores and 30085 MiB, as declared"


def _lines(stack: Stack, **settings: Any) -> list[str]:
    (message,) = messages(RULE, stack, **settings)
    return message.split("\n")


def test_passes_judgement_on_nothing() -> None:
    assert RULE.level is EnforcementLevel.ADVISORY


def test_refuses_nothing_and_says_what_the_reference_stack_takes() -> None:
    (found,) = violations(RULE, reference_stack())

    assert found.urn is None
    assert found.message.split("\n") == [
        "host: 67 containers request 8.195 of 10 cores and 15984 of 27648 MiB; at most 27008 of 27648 MiB;"
        " it has 12 cores and 30085 MiB, as declared",
        "tier 1: 7 containers request 5.797 of 6 cores and 7296 of 14336 MiB;"
        " at most 8 of 8 cores (2-9) and 14208 of 16384 MiB",
        "tier 2: 58 containers request 1.396 of 2 cores and 4080 of 4096 MiB;"
        " at most 2 of 4 cores (10-11) and 8192 of 8192 MiB",
        "tier 3: 2 containers request 1.002 of 2 cores and 4608 of 5120 MiB;"
        " at most 3 of 4 cores (8-11) and 4608 of 5120 MiB",
        "pool agents: 58 containers request 1.396 of 4 cores and 4080 of 8192 MiB",
        "pool infrastructure: 7 containers request 5.797 of 6 cores and 7296 of 14336 MiB",
        "pool ml: 1 container requests 1 of 2 cores and 4608 of 5120 MiB (with tools)",
        "pool tools: 1 container requests 0.002 of 1 cores and 512 of 2048 MiB",
    ]


def test_says_that_nothing_is_there_too() -> None:
    assert _lines(Stack())[:2] == [
        "host: 0 containers request 0 of 10 cores and 0 of 27648 MiB; at most 0 of 27648 MiB;"
        " it has 12 cores and 30085 MiB, as declared",
        "tier 1: 0 containers request 0 of 6 cores and 0 of 14336 MiB;"
        " at most 0 of 8 cores (none) and 0 of 16384 MiB",
    ]


def test_counts_a_services_tasks_on_every_core() -> None:
    lines = _lines(Stack().add("worker", service(3, 10**9, 2**30), SERVICE))

    assert lines[0].startswith("host: 3 containers request 3 of 10 cores and 3072 of 27648 MiB;")
    assert lines[2].endswith("; at most 3 of 4 cores (0-11) and 3072 of 8192 MiB")
    assert lines[4] == "pool agents: 3 containers request 3 of 4 cores and 3072 of 8192 MiB"


def test_says_how_many_have_no_limit() -> None:
    stack = small_stack().change("redis", memory=None).change("agent", memory=None)
    assert _lines(stack)[0].endswith(f"; at most 512 of 27648 MiB, beside what 2 without a limit may take{_HOST}")

    stack.change("agent", cgroupParent="/sutazai/prod/agents")
    lines = _lines(stack)
    assert lines[0].endswith(f"; at most 8704 of 27648 MiB, beside what 1 without a limit may take{_HOST}")
    assert lines[1].endswith(" and 0 of 16384 MiB, beside what 1 without a limit may take")
    assert lines[2].endswith(" and 8192 of 8192 MiB")


def test_counts_what_has_no_core_set_on_all_cores_and_its_cpus_if_they_are_fewer() -> None:
    stack = small_stack().change("redis", cpuSet=None).change("agent", cpus="0.5")

    assert [line.partition("; at most ")[2].partition(" and ")[0] for line in _lines(stack)[1:4]] == [
        "12 of 8 cores (0-11)",
        "0.5 of 4 cores (10-11)",
        "1 of 4 cores (11)",
    ]


def test_unknown_amounts_count_as_dockers_own() -> None:
    stack = Stack().add("c", container("4", 2, 100, 200, cpuShares=UNKNOWN, memoryReservation=UNKNOWN))

    assert _lines(stack)[0].startswith("host: 1 container requests 1 of 10 cores and 200 of 27648 MiB;")


def test_obeys_the_same_settings_as_the_budget_rules() -> None:
    lines = _lines(
        reference_stack(),
        overcommit=1.5,
        tiers={"2": {"cpu": 3, "memory": 5000, "cpu_limit": 5, "memory_limit": 9000}},
        pools={"ml": {"cpu": 3, "memory": 6000}, "night": {"tier": "3", "cpu": 1, "memory": 64, "within": "ml"}},
        pool_cgroups={"agents": 8000},
    )

    assert lines[0].endswith(f"; at most 26816 of 41472 MiB{_HOST}")
    assert lines[1].endswith("and 14208 of 24576 MiB")
    assert lines[2] == (
        "tier 2: 58 containers request 1.396 of 3 cores and 4080 of 5000 MiB;"
        " at most 2 of 5 cores (10-11) and 8000 of 13500 MiB"
    )
    assert lines[6:8] == [
        "pool ml: 1 container requests 1 of 3 cores and 4608 of 6000 MiB (with night, tools)",
        "pool night: 0 containers request 0 of 1 cores and 0 of 64 MiB",
    ]
    half = _lines(small_stack(), host={"cores": 6, "memory_mib": 15043})
    assert half[0].startswith("host: 3 containers request 0.813 of 5 cores and 1008 of 13825 MiB; at most 1280 of")
    assert half[1].endswith(" and 512 of 8192.59 MiB")
    assert half[7] == "pool tools: 0 containers request 0 of 1 cores and 0 of 1024.07 MiB"


@pytest.mark.parametrize(("privileged", "end"), [(True, ""), (False, ": it excepts nothing any more, remove it")])
def test_obeys_exceptions_by_telling_them(privileged: bool, end: str) -> None:
    stack = small_stack().change("redis", privileged=privileged)
    exception = {"service": "redis", "reason": "measures the host's disks", "expires": "2027-01-31"}
    given = {PRIVILEGED.name: {"exceptions": [exception]}}
    surroundings = Surroundings(stacks_file=None, environ={}, today=TODAY)
    judge = Judge(stack.resources(), [PRIVILEGED, RULE], given, surroundings)

    ((_, ledger),) = judge.all_violations([RULE, PRIVILEGED])

    assert ledger.message.split("\n")[8:] == [
        f"exception: redis from privileged until 2027-01-31 (measures the host's disks){end}"
    ]


def test_writes_no_secret() -> None:
    stack = reference_stack().change("redis", memory=Secret(513)).relabel("redis", service=Secret("hunter2"))

    assert not any("513" in line or "hunter2" in line for line in _lines(stack))


def test_rounds_what_there_is_down_and_what_is_wanted_up() -> None:
    host = {"cores": 7, "memory_mib": 10001, "reserved_cores": 0}

    lines = _lines(
        small_stack(),
        host=host,
        tiers={"1": {"cpu": 1.0009, "memory": 500, "cpu_limit": 1.0009, "memory_limit": 600}},
        pools={"tools": {"cpu": 0.0009}},
    )

    assert " of 1 cores and " in lines[1].partition(";")[0]
    assert "; at most 2 of 1 cores (4-5)" in lines[1]
    assert "pool tools: 0 containers request 0 of 0 cores" in lines[7]
