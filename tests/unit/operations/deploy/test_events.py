from __future__ import annotations

from typing import Any

from sutazai_infra.operations.deploy.events import Change, Outcome, Recorder, Step, Violation
from tests.unit.operations.deploy.engine_events import begun, diagnostic, failed, finished, policy


def recorded(*events: Any) -> tuple[list[Step], Outcome]:
    steps: list[Step] = []
    recorder = Recorder(steps.append)
    for event in events:
        recorder(event)
    return steps, recorder.outcome()


def test_a_created_container_is_a_step_that_runs_and_is_done() -> None:
    steps, outcome = recorded(begun("create", "redis"), finished("create", "redis"))
    assert steps == [
        Step("create", "container", "redis", "running"),
        Step("create", "container", "redis", "done"),
    ]
    assert outcome.changes == (Change("create", "container", "redis"),)


def test_what_stays_the_same_is_counted_and_no_step() -> None:
    steps, outcome = recorded(begun("same", "redis"), finished("same", "redis"))
    assert (steps, outcome.changes, outcome.unchanged) == ([], (), 1)


def test_components_and_providers_are_no_news() -> None:
    steps, outcome = recorded(begun("create", "pool-web", "sutazai:index:Pool"))
    assert (steps, outcome) == ([], Outcome())


def test_a_replacement_is_one_change_with_its_reason() -> None:
    old, new = ({"inputs": {"image": image}} for image in ("a:1", "a:2"))
    steps, outcome = recorded(
        begun("delete-replaced", "redis"),
        begun("replace", "redis", detailedDiff={"image": {"diffKind": "update-replace"}}, old=old, new=new),
        begun("create-replacement", "redis"),
    )
    assert outcome.changes == (Change("replace", "container", "redis", ("image a:1 -> a:2",)),)
    assert [step.operation for step in steps] == ["delete-replaced", "create-replacement"]


def test_a_changed_property_is_shown_once_for_all_its_paths() -> None:
    diff = {path: {"diffKind": "update"} for path in ("labels[0].value", "labels[1].value", "memory")}
    old, new = ({"inputs": {"memory": mib, "labels": [mib]}} for mib in (256, 512))
    _, outcome = recorded(begun("update", "redis", detailedDiff=diff, old=old, new=new))
    assert outcome.changes[0].details == ("labels", "memory 256 -> 512")


def test_a_secret_is_never_shown() -> None:
    secret = {"inputs": {"envs": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}}}
    diff = {"envs": {"diffKind": "update"}}
    _, outcome = recorded(begun("update", "redis", detailedDiff=diff, old=secret, new=secret))
    assert outcome.changes[0].details == ("envs",)


def test_a_failed_resource_is_a_failed_step() -> None:
    steps, _ = recorded(begun("create", "redis"), failed("create", "redis"))
    assert steps[-1] == Step("create", "container", "redis", "failed")


def test_a_mandatory_violation_refuses() -> None:
    _, outcome = recorded(policy("host-budget", "<{%reset%}>too much<{%reset%}>\n"))
    assert outcome.violations == (Violation("host-budget", True, "too much"),)
    assert outcome.refused


def test_an_advice_does_not_refuse() -> None:
    _, outcome = recorded(policy("naming", "odd", "advisory"))
    assert not outcome.refused


def test_a_violation_that_is_told_twice_is_one() -> None:
    _, outcome = recorded(policy("host-budget", "too much"), policy("host-budget", "too much"))
    assert len(outcome.violations) == 1


def test_the_reason_is_unwrapped_from_what_the_provider_says() -> None:
    nested = (
        "1 error occurred:\n\t* creating urn:pulumi:lab::x::y::redis: 1 error occurred:\n"
        "\t* container failed to be in healthy state\n\n"
    )
    _, outcome = recorded(diagnostic("error", nested, "redis"))
    assert outcome.errors == ("redis: container failed to be in healthy state",)


def test_the_engines_own_epilogues_are_left_out() -> None:
    _, outcome = recorded(
        diagnostic("error", "postgres: port 5432 is taken"),
        diagnostic("error", "update failed"),
        diagnostic("error", "sdk-v2/provider2.go:571: sdk.helper_schema: something", "redis"),
        diagnostic("error", "half a line", ephemeral=True),
    )
    assert outcome.errors == ("postgres: port 5432 is taken",)


def test_warnings_are_kept_apart_from_errors() -> None:
    _, outcome = recorded(diagnostic("warning", "slow"), diagnostic("info", "hello"))
    assert (outcome.warnings, outcome.errors) == (("slow",), ())


def test_changes_are_counted_by_operation() -> None:
    _, outcome = recorded(begun("create", "a"), begun("create", "b"), begun("delete", "c"))
    assert outcome.counted() == {"create": 2, "delete": 1}


def test_a_replacement_names_the_properties_that_force_it_once_each() -> None:
    _, outcome = recorded(begun("replace", "redis", keys=["envs[0]", "envs[1]", "labels"]))
    assert outcome.changes == (Change("replace", "container", "redis", (), ("envs", "labels")),)
