from __future__ import annotations

import io

from rich.console import Console

from sutazai_infra.cli.changes import show_changes, show_violations, summary
from sutazai_infra.operations.deploy.events import Change, Outcome, Violation


def console() -> Console:
    return Console(file=io.StringIO(), width=80, highlight=False, markup=False)


def printed(outcome: Outcome) -> list[str]:
    screen = console()
    show_changes(screen, outcome)
    assert isinstance(screen.file, io.StringIO)
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]


def test_new_resources_of_a_kind_share_a_line() -> None:
    changes = (
        Change("create", "container", "a"),
        Change("create", "network", "n"),
        Change("create", "container", "b"),
    )
    assert printed(Outcome(changes)) == ["  + 2 containers: a, b", "  + 1 network: n"]


def test_a_changed_resource_is_shown_with_what_changes() -> None:
    changes = (Change("update", "container", "redis", ("memory 256 -> 512", "cpuSet 1 -> 2")),)
    assert printed(Outcome(changes, unchanged=7)) == [
        "  ~ container redis: memory 256 -> 512, cpuSet 1 -> 2",
        "    7 unchanged",
    ]


def test_a_replaced_resource_has_a_sign_of_its_own() -> None:
    assert printed(Outcome((Change("replace", "container", "redis", ("image",)),))) == [
        "  +- container redis: image"
    ]


def test_nothing_is_printed_when_nothing_changes() -> None:
    assert printed(Outcome(unchanged=7)) == []


def test_warnings_are_printed_too() -> None:
    assert printed(Outcome(warnings=("old provider",))) == ["  warning: old provider"]


def test_a_violation_is_printed_with_its_policy() -> None:
    screen = console()
    show_violations(
        screen, [Violation("host-budget", True, "What fits.\n3 of 2 cores"), Violation("odd", False, "x")]
    )
    assert isinstance(screen.file, io.StringIO)
    assert screen.file.getvalue() == (
        "refused by policy host-budget: What fits.\n  3 of 2 cores\nadvice by policy odd: x\n"
    )


def test_the_summary_counts_what_is_to_be_done() -> None:
    changes = (
        Change("create", "container", "a"),
        Change("create", "container", "b"),
        Change("delete", "network", "n"),
    )
    assert summary(Outcome(changes)) == "2 to create, 1 to delete"


def test_the_summary_of_nothing_is_no_changes() -> None:
    assert summary(Outcome()) == "no changes"


def test_the_summary_of_a_refusal_is_the_refusal() -> None:
    assert summary(Outcome(violations=(Violation("host-budget", True, "x"),))) == "refused by policy"


def test_the_ledger_comes_last_and_without_the_word_advice() -> None:
    screen = console()
    ledger = Violation("ledger", False, "What was checked.\nhost: 3 of 4 cores\ntier 1: 2 of 2 cores")
    show_violations(screen, [ledger, Violation("odd", False, "x")])
    assert isinstance(screen.file, io.StringIO)
    assert screen.file.getvalue() == (
        "advice by policy odd: x\nchecked by the policy pack:\n  host: 3 of 4 cores\n  tier 1: 2 of 2 cores\n"
    )


def test_a_ledger_that_could_not_be_made_is_a_violation_like_any_other() -> None:
    screen = console()
    show_violations(screen, [Violation("ledger", True, "Settings.\nwrong")])
    assert isinstance(screen.file, io.StringIO)
    assert screen.file.getvalue() == "refused by policy ledger: Settings.\n  wrong\n"
