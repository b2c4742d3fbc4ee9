"""The protocol as the engine speaks it: configure, register, judge; here within one process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi_policy import EnforcementLevel, Severity
from sutazai_policy.facts import Facts
from sutazai_policy.judge import Surroundings
from sutazai_policy.rule import Rule, Violation
from sutazai_policy.schema import config_schema
from sutazai_policy.server import Analyzer

from tests.policy.engine_messages import registered, stack_request
from tests.policy.made_up import Most, Nothing, named, rule
from tests.policy.stacks import LEFT_OUT, TODAY, UNKNOWN, VOLUME, Stack, small_stack

_NOBODY: Any = None  # no handler looks at the call's context


def _analyzer(*rules: Rule[Any], file: Path | None = None) -> Analyzer:
    return Analyzer("made-up-pack", "1.2.3", rules, Surroundings(file, {}, TODAY))


def _configure(analyzer: Analyzer, name: str, level: Any = pb.MANDATORY, **settings: Any) -> None:
    request = pb.ConfigureAnalyzerRequest()
    request.policyConfig[name].enforcementLevel = level
    request.policyConfig[name].properties.update(settings)
    analyzer.Configure(request, _NOBODY)


def _start(analyzer: Analyzer, *, dry_run: bool) -> None:
    analyzer.ConfigureStack(pb.AnalyzerStackConfigureRequest(stack="prod", dry_run=dry_run), _NOBODY)


def _register(analyzer: Analyzer, stack: Stack) -> list[str]:
    return [text for one in stack.resources() for text in _texts(analyzer.Analyze(registered(one), _NOBODY))]


def _judge(analyzer: Analyzer, stack: Stack) -> Any:
    return analyzer.AnalyzeStack(stack_request(stack.resources()), _NOBODY)


def _texts(response: Any) -> list[str]:
    return [one.message.partition("\n")[2] for one in response.diagnostics]


def _one(name: str = "redis") -> Stack:
    return Stack().add(name, {"memory": 512.0})


def _shows_memory(facts: Facts, _settings: Any) -> Iterator[Violation]:
    for one in facts.containers:
        yield Violation(f"{one.name}: {sorted(one.properties)}", one.urn)


def test_the_engine_learns_all_about_each_rule() -> None:
    made_up = rule(severity=Severity.CRITICAL, level=EnforcementLevel.ADVISORY)

    info = _analyzer(made_up, rule("other")).GetAnalyzerInfo(empty_pb2.Empty(), _NOBODY)

    assert (info.name, info.version, info.supportsConfig) == ("made-up-pack", "1.2.3", True)
    first, second = info.policies
    assert (first.name, first.description) == ("made-up", "There has to be no made-up.")
    assert (first.enforcementLevel, first.severity) == (pb.ADVISORY, pb.POLICY_SEVERITY_CRITICAL)
    assert (first.policy_type, first.remediation_steps) == (pb.POLICY_TYPE_STACK, "1. Remove it.")
    assert list(first.tags) == ["shape"]
    assert set(first.configSchema.properties) == set(config_schema(Most))
    assert first.configSchema.properties["most"]["minimum"] == 0
    assert (second.enforcementLevel, second.severity) == (pb.MANDATORY, pb.POLICY_SEVERITY_MEDIUM)


@pytest.mark.parametrize("severity", list(Severity))
def test_every_severity_is_told(severity: Severity) -> None:
    (info,) = _analyzer(rule(severity=severity)).GetAnalyzerInfo(empty_pb2.Empty(), _NOBODY).policies

    assert info.severity == pb.PolicySeverity.Value(f"POLICY_SEVERITY_{severity.name}")


def test_the_engine_learns_the_version() -> None:
    assert _analyzer().GetPluginInfo(empty_pb2.Empty(), _NOBODY).version == "1.2.3"


def test_a_violation_is_a_diagnostic_with_all_that_the_engine_prints() -> None:
    (found,) = _judge(_analyzer(rule()), _one()).diagnostics

    assert found == pb.AnalyzeDiagnostic(
        policyName="made-up",
        policyPackName="made-up-pack",
        policyPackVersion="1.2.3",
        description="There has to be no made-up.",
        message="There has to be no made-up.\nredis is there",
        urn=_one().urn("redis"),
        enforcementLevel=pb.MANDATORY,
        severity=pb.POLICY_SEVERITY_MEDIUM,
    )


def test_a_violation_of_the_whole_stack_names_no_resource() -> None:
    (found,) = _judge(_analyzer(rule(check=lambda *_: [Violation("too much")])), _one()).diagnostics

    assert found.urn == ""


@pytest.mark.parametrize(
    ("own", "given", "level"),
    [
        (EnforcementLevel.MANDATORY, None, pb.MANDATORY),
        (EnforcementLevel.ADVISORY, None, pb.ADVISORY),
        (EnforcementLevel.REMEDIATE, None, pb.MANDATORY),
        (EnforcementLevel.MANDATORY, pb.ADVISORY, pb.ADVISORY),
        (EnforcementLevel.ADVISORY, pb.MANDATORY, pb.MANDATORY),
        (EnforcementLevel.DISABLED, pb.MANDATORY, pb.MANDATORY),
        # Nothing is mended, so nothing may pass for having been mended.
        (EnforcementLevel.MANDATORY, pb.REMEDIATE, pb.MANDATORY),
    ],
)
def test_a_violation_is_as_bad_as_the_operator_says(own: EnforcementLevel, given: Any, level: Any) -> None:
    analyzer = _analyzer(rule(level=own))
    if given is not None:
        _configure(analyzer, "made-up", given)

    assert [one.enforcementLevel for one in _judge(analyzer, _one()).diagnostics] == [level]


@pytest.mark.parametrize(("own", "given"), [("DISABLED", None), ("MANDATORY", pb.DISABLED)])
def test_a_rule_that_is_disabled_is_not_even_asked(own: str, given: Any) -> None:
    asked: list[Facts] = []

    def check(facts: Facts, _settings: Any) -> list[Violation]:
        asked.append(facts)
        return []

    analyzer = _analyzer(rule(check=check, level=EnforcementLevel[own]))
    if given is not None:
        _configure(analyzer, "made-up", given)

    assert not _judge(analyzer, _one()).diagnostics
    assert not asked


def test_settings_arrive_at_their_rule() -> None:
    analyzer = _analyzer(rule(check=lambda _, own: [Violation(f"{own.most}")]), rule("other"))
    _configure(analyzer, "made-up", most=7)

    assert _texts(_judge(analyzer, _one())) == ["7", "redis is there"]


def test_settings_that_change_are_not_remembered_as_they_were() -> None:
    analyzer = _analyzer(rule(check=lambda _, own: [Violation(f"{own.most}")], alone=True))
    _start(analyzer, dry_run=False)
    assert _register(analyzer, _one()) == ["0"]

    _configure(analyzer, "made-up", most=7)

    assert _register(analyzer, _one()) == ["7"]


def test_a_configuration_for_a_rule_that_is_not_there_does_no_harm() -> None:
    analyzer = _analyzer(rule())
    _configure(analyzer, "gone", pb.DISABLED)

    assert _texts(_judge(analyzer, _one())) == ["redis is there"]


def test_a_preview_says_nothing_until_all_is_registered_and_then_judges_what_was_written() -> None:
    analyzer = _analyzer(rule(check=_shows_memory, alone=True))
    _start(analyzer, dry_run=True)

    assert _register(analyzer, _one()) == []

    shown = _one().change("redis", memory=UNKNOWN, runtime=UNKNOWN)
    assert _texts(_judge(analyzer, shown)) == ["redis: ['memory']"]


def test_an_update_judges_each_resource_before_it_is_made_by_rules_that_need_no_other() -> None:
    analyzer = _analyzer(rule(alone=True), rule("sum"))
    _start(analyzer, dry_run=False)

    assert _register(analyzer, small_stack()) == ["redis is there", "agent is there", "aider is there"]


def test_an_update_leaves_alone_what_is_disabled() -> None:
    analyzer = _analyzer(rule(alone=True))
    _configure(analyzer, "made-up", pb.DISABLED)
    _start(analyzer, dry_run=False)

    assert _register(analyzer, small_stack()) == []


def test_without_a_word_about_the_stack_the_whole_is_judged_all_the_same() -> None:
    analyzer = _analyzer(rule(check=_shows_memory, alone=True))

    assert _register(analyzer, _one()) == []
    assert _texts(_judge(analyzer, _one().change("redis", cpus="1"))) == ["redis: ['memory']"]


def test_a_resource_that_was_never_registered_is_judged_by_its_outputs() -> None:
    assert _texts(_judge(_analyzer(rule(check=_shows_memory)), _one())) == ["redis: ['memory']"]


def test_a_resource_that_is_registered_again_is_judged_by_the_last() -> None:
    analyzer = _analyzer(rule(check=_shows_memory))
    _register(analyzer, _one())
    _register(analyzer, _one().change("redis", memory=LEFT_OUT, image="redis:8"))

    assert _texts(_judge(analyzer, _one())) == ["redis: ['image']"]


def test_of_a_second_stack_nothing_is_mixed_with_the_first() -> None:
    analyzer = _analyzer(rule(check=_shows_memory, alone=True))
    _start(analyzer, dry_run=False)
    _register(analyzer, _one())
    _start(analyzer, dry_run=True)

    other = _one().change("redis", memory=LEFT_OUT, cpus="1")
    assert _texts(_judge(analyzer, other)) == ["redis: ['cpus']"]
    assert _register(analyzer, other) == []


def test_of_what_is_not_a_workload_both_inputs_and_outputs_count() -> None:
    def shows(facts: Facts, _settings: Any) -> list[Violation]:
        return [Violation(f"{one.properties}") for one in facts.of_type(VOLUME)]

    analyzer = _analyzer(rule(check=shows))
    _register(analyzer, Stack().add("data", {"name": "a"}, VOLUME))

    found = _judge(analyzer, Stack().add("data", {"name": "b", "id": "i"}, VOLUME))
    assert _texts(found) == ["{'id': 'i', 'name': 'a'}"]


def test_a_rule_that_fails_stops_no_other_and_lets_nothing_through() -> None:
    analyzer = _analyzer(rule("a-broken", lambda *_: 1 / 0), rule(), rule("settings", named, Nothing))  # type: ignore[arg-type]
    _configure(analyzer, "settings", most=1)

    found = _judge(analyzer, _one())

    assert [one.policyName for one in found.diagnostics] == ["a-broken", "made-up", "settings"]
    assert {one.enforcementLevel for one in found.diagnostics} == {pb.MANDATORY}
    assert "so nothing is let through" in _texts(found)[0]
    assert "can't be used: most: the rule has no such setting" in _texts(found)[2]


def test_the_operators_file_is_read_anew_for_each_judgement_of_the_whole(tmp_path: Path) -> None:
    file = tmp_path / "stacks.yaml"
    analyzer = _analyzer(rule(check=lambda _, own: [Violation(f"{own.most}")]), file=file)
    assert _texts(_judge(analyzer, _one())) == ["0"]

    file.write_text("prod: {most: 3}\n", encoding="utf-8")

    assert _texts(_judge(analyzer, _one())) == ["3"]


def test_nothing_is_mended() -> None:
    assert not _analyzer(rule()).Remediate(registered(_one().resources()[0]), _NOBODY).remediations
