"""Who may break a rule, why, and until when; anything else about an exception is a violation itself."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sutazai_policy.exceptions import Excepted, longest
from sutazai_policy.facts import Facts
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.rule import Category, Rule, Violation
from sutazai_policy.schema import config_schema

from tests.policy.made_up import HostOnly, Nothing, rule
from tests.policy.stacks import TODAY, VOLUME, Stack, messages, violations

_REASON = "unpacks its plugins below its root"


def _exception(service: str = "grafana", expires: Any = "2027-03-31", reason: str = _REASON) -> dict[str, Any]:
    return {"service": service, "reason": reason, "expires": expires}


_GRAFANA = Excepted.model_validate_json(json.dumps(_exception()))


def _stack(*names: str) -> Stack:
    stack = Stack()
    for name in names or ("grafana", "redis"):
        stack.add(name, {})
    return stack


def _refused(*exceptions: Any) -> str:
    (found,) = messages(rule(), _stack(), exceptions=list(exceptions))
    assert found.startswith("the settings of made-up can't be used: exceptions.")
    return found.removeprefix("the settings of made-up can't be used: ").partition(" (they come")[0]


def test_a_service_that_is_excepted_may_break_the_rule_and_no_other_may() -> None:
    assert messages(rule(), _stack(), exceptions=[_exception()]) == ["redis is there"]
    assert messages(rule(), _stack(), exceptions=[_exception(), _exception("redis")]) == []


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("grafana", True),
        ("grafana-2", True),
        ("grafana-9999", True),
        ("grafana-10000", False),
        ("grafana-", False),
        ("grafana-2-3", False),
        ("grafana-x", False),
        ("grafana-2x", False),
        ("grafana2", False),
        ("grafana-\u0662", False),
        ("Grafana", False),
        ("my-grafana", False),
        ("grafan", False),
        ("", False),
    ],
)
def test_replicas_are_covered_by_their_number_and_nothing_else_is(name: str, covered: bool) -> None:
    assert _GRAFANA.covers(name) is covered


@pytest.mark.parametrize(("days", "in_force"), [(-1, False), (0, True), (1, True), (400, True), (401, False)])
def test_an_exception_is_in_force_to_the_end_of_its_last_day_and_given_for_400_days_at_most(
    days: int, in_force: bool
) -> None:
    last = TODAY + timedelta(days=days)

    found = messages(rule(), _stack("grafana"), exceptions=[_exception(expires=last.isoformat())])

    assert (found == []) is in_force
    assert ("grafana is there" in found) is not in_force


def test_an_exception_that_is_over_is_a_violation_too() -> None:
    assert messages(rule(), _stack(), exceptions=[_exception(expires="2026-11-24")]) == [
        "grafana is there",
        "redis is there",
        f"the exception of grafana from made-up ({_REASON}) expired on 2026-11-24:"
        " mend the service and remove it, or decide anew",
    ]


def test_an_exception_for_too_long_is_a_violation_too() -> None:
    found = violations(rule(), _stack(), exceptions=[_exception(expires="2028-01-01")])

    assert longest(TODAY) == date(2027, 12, 30)
    assert found[2] == Violation(
        f"the exception of grafana from made-up ({_REASON}) lasts until 2028-01-01: give a day up to 2027-12-30"
    )


def test_an_exception_that_is_over_is_told_where_there_is_nothing_to_except_too() -> None:
    assert len(messages(rule(check=lambda *_: []), _stack(), exceptions=[_exception(expires="2026-01-01")])) == 1


@pytest.mark.parametrize("name", ["", "grafana"])
def test_what_the_whole_stack_breaks_is_excepted_for_nobody(name: str) -> None:
    total = rule(check=lambda *_: [Violation("too much"), Violation("elsewhere", name)])

    assert messages(total, _stack(), exceptions=[_exception()]) == ["too much", "elsewhere"]


def test_what_a_rule_says_of_a_volume_is_excepted_by_the_volumes_name() -> None:
    def volumes(facts: Facts, _settings: Any) -> list[Violation]:
        return [Violation(one.name, one.urn) for one in facts.of_type(VOLUME)]

    stack = Stack().add("data", {}, VOLUME).add("more", {}, VOLUME)
    assert messages(rule(check=volumes), stack, exceptions=[_exception("data")]) == ["more"]


def test_a_failing_rule_is_excepted_for_nobody() -> None:
    def fails(facts: Facts, _settings: Any) -> Any:
        yield Violation("grafana is there", facts.containers[0].urn)
        raise KeyError("grafana")

    (found,) = messages(rule(check=fails), _stack(), exceptions=[_exception()])

    assert "so nothing is let through" in found


@pytest.mark.parametrize(
    ("expires", "problem"),
    [
        ("2027-3-31", "give a day such as 2027-03-31"),
        ("31.03.2027", "give a day such as 2027-03-31"),
        ("2027-03-31T00:00:00", "give a day such as 2027-03-31"),
        ("2027-03-31\n", "give a day such as 2027-03-31"),
        ("never", "give a day such as 2027-03-31"),
        ("", "give a day such as 2027-03-31"),
        (20270331, "give a day such as 2027-03-31"),
        (None, "give a day such as 2027-03-31"),
        (["2027-03-31"], "give a day such as 2027-03-31"),
        ("\u0662027-03-31", "give a day such as 2027-03-31"),
    ],
)
def test_a_day_that_is_none_is_refused(expires: Any, problem: str) -> None:
    assert _refused(_exception(expires=expires)) == f"exceptions.0.expires: {problem}"


@pytest.mark.parametrize("expires", ["2027-02-30", "2027-13-01", "0000-01-01"])
def test_a_day_that_no_calendar_has_is_refused(expires: str) -> None:
    problem = _refused(_exception(expires=expires))

    assert problem.startswith(f"exceptions.0.expires: {expires} is on no calendar (")
    assert problem.endswith("): give a day such as 2027-03-31")


def test_a_day_that_yaml_has_read_already_is_one() -> None:
    assert messages(rule(), _stack("grafana"), exceptions=[_exception(expires=date(2027, 3, 31))]) == []


def test_an_hour_that_yaml_has_read_already_is_no_day() -> None:
    problem = _refused(_exception(expires=datetime(2027, 3, 31, 12, tzinfo=UTC)))

    assert problem == "exceptions.0.expires: give a day such as 2027-03-31"


@pytest.mark.parametrize(
    ("exception", "problem"),
    [
        ({"service": "a", "expires": "2027-03-31"}, "exceptions.0.reason: field required"),
        (_exception(reason="because"), "exceptions.0.reason: string should have at least 10 characters"),
        (_exception(service=""), "exceptions.0.service: string should have at least 1 character"),
        (_exception() | {"until": "2027-03-31"}, "exceptions.0.until: extra inputs are not permitted"),
        ({"service": "a", "reason": _REASON}, "exceptions.0.expires: field required"),
    ],
)
def test_an_exception_says_who_why_and_until_when(exception: dict[str, Any], problem: str) -> None:
    assert _refused(exception) == problem


@pytest.mark.parametrize(
    ("settings", "has"), [(Nothing, "none at all"), (HostOnly, "host")], ids=["no settings", "a sum"]
)
def test_a_rule_that_takes_no_exceptions_says_what_it_takes(settings: Any, has: str) -> None:
    without = rule(settings=settings, check=lambda *_: [])

    assert messages(without, _stack(), exceptions=[_exception()]) == [
        "the settings of made-up can't be used: exceptions: the rule has no such setting, but"
        f" {has} (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


def test_the_schema_asks_for_what_the_model_asks_for() -> None:
    schema = config_schema(rule().settings)["exceptions"]

    assert schema["type"] == "array"
    assert schema["items"]["required"] == ["service", "reason", "expires"]
    assert schema["items"]["properties"]["expires"]["type"] == "string"
    assert schema["items"]["additionalProperties"] is False


def test_the_report_learns_which_exceptions_there_are_and_whether_they_except_anything() -> None:
    seen: list[Facts] = []

    def look(facts: Facts, _settings: Any) -> list[Violation]:
        seen.append(facts)
        return []

    report: Rule[Any] = rule("a-report", look, Nothing, Category.REPORT)
    others = [rule("one-rule"), rule("other-rule")]
    given = [_exception("redis-9", "2027-01-31"), _exception(), _exception("old", "2026-01-01")]
    judge = Judge(
        _stack().resources(), [report, *others], {"one-rule": {"exceptions": given}}, Surroundings(today=TODAY)
    )

    found = [one.message for _, one in judge.all_violations([report, *others])]

    assert [(one.rule, one.service, one.expires.year, one.used) for one in seen[0].exceptions] == [
        ("one-rule", "redis-9", 2027, False),
        ("one-rule", "grafana", 2027, True),
    ]
    assert {one.reason for one in seen[0].exceptions} == {_REASON}
    assert found[:2] == [
        "redis is there",
        f"the exception of old from one-rule ({_REASON}) expired on 2026-01-01:"
        " mend the service and remove it, or decide anew",
    ]
