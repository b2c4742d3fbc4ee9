"""Whatever keeps a rule from judging is its own violation; what a rule looks at is looked up once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sutazai_policy import judge as judge_module
from sutazai_policy.engine import EngineError
from sutazai_policy.facts import Facts
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.looked import Looked
from sutazai_policy.rule import Category, Rule, Sees, Violation
from sutazai_policy.settings import SettingsError

from tests.policy.engine_double import EngineDouble, closed_port, served
from tests.policy.made_up import HostOnly, Nothing, rule
from tests.policy.stacks import TODAY, Stack, small_stack

_AUTO = {"host": "auto"}


def _judge(
    *rules: Rule[Any], given: dict[str, Any] | None = None, looked: Looked | None = None, **more: Any
) -> Judge:
    surroundings = Surroundings(**{"stacks_file": None, "environ": {}, "today": TODAY, **more})
    return Judge(small_stack().resources(), rules, given or {}, surroundings, looked)


def _texts(judge: Judge, rule: Rule[Any]) -> list[str]:
    return [found.message for found in judge.violations(rule)]


def _cores(facts: Facts, _settings: Any) -> list[Violation]:
    return [Violation(f"{facts.surveyed.cores} cores")]


def _looking(name: str, sees: Sees = Sees.HOST) -> Rule[Any]:
    return rule(name, _cores, HostOnly, sees=sees)


def test_a_rule_that_fails_says_where_and_not_what_it_read() -> None:
    def fails(_facts: Facts, _settings: Any) -> list[Violation]:
        raise ValueError("hunter2")

    (found,) = _judge().violations(rule(check=fails))

    line = fails.__code__.co_firstlineno + 1
    assert found == Violation(
        f"made-up failed (ValueError in test_judge.py, line {line}), so nothing is let through: report it"
    )


def test_what_a_rule_found_before_it_failed_is_kept() -> None:
    def fails(facts: Facts, _settings: Any) -> Iterator[Violation]:
        yield Violation("one", facts.containers[0].urn)
        raise RecursionError

    first, second = _texts(_judge(), rule(check=fails))

    assert first == "one"
    assert second.startswith("made-up failed (RecursionError in ")


def test_facts_that_can_not_be_read_let_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_resources: object) -> None:
        raise KeyError

    monkeypatch.setattr(judge_module, "read_facts", fails)

    (found,) = _texts(_judge(), rule())

    assert found.startswith("made-up failed (KeyError in test_judge.py, line ")


def test_settings_that_can_not_be_used_are_told_with_their_place() -> None:
    assert _texts(_judge(given={"made-up": {"most": "many"}}), rule()) == [
        "the settings of made-up can't be used: most: input should be a valid integer"
        " (they come from policy/stacks.yaml and --policy-pack-config)"
    ]


def test_every_setting_that_can_not_be_used_is_told() -> None:
    (found,) = _texts(_judge(given={"made-up": {"most": -1, "least": 2, "exceptions": 3}}), rule())

    assert found.removeprefix("the settings of made-up can't be used: ").partition(" (they")[0] == (
        "exceptions: input should be a valid array; most: input should be greater than or equal to 0;"
        " least: the rule has no such setting, but exceptions, most"
    )


def test_an_engine_that_is_not_there_is_told_with_the_way_out() -> None:
    address = f"tcp://127.0.0.1:{closed_port()}"

    (found,) = _texts(_judge(given={"looks": _AUTO}, environ={"DOCKER_HOST": address}), _looking("looks"))

    assert found.startswith("host: auto has to ask Docker: ")
    assert address in found
    assert found.endswith(": start it, set DOCKER_HOST, or declare the host")


def test_a_host_without_room_is_a_matter_of_settings() -> None:
    settings = {"host": {"cores": 2, "memory_mib": 1024, "reserved_cores": 2}}

    (found,) = _texts(_judge(given={"looks": settings}), _looking("looks"))

    assert "the settings of looks can't be used: host.reserved_cores: leaves none of 2 cores" in found


def test_an_engine_is_asked_once_for_all_rules(tmp_path: Path) -> None:
    engine = EngineDouble(cores=7, memory_mib=4096)
    rules = [
        _looking("size"),
        _looking("others", Sees.OCCUPANTS),
        _looking("own", Sees.RUNNING),
        _looking("again"),
    ]
    with served(engine, tmp_path / "docker.sock") as environ:
        judge = _judge(*rules, given={one.name: _AUTO for one in rules}, environ=environ)
        assert [_texts(judge, one) for one in rules] == [["7 cores"]] * 4

    assert engine.asked == ["/info", "/containers/json"]


def test_hosts_that_are_described_differently_are_different_hosts() -> None:
    given = {"large": {"host": {"cores": 24}}, "small": {"host": {"cores": 4, "memory_mib": 8192}}}
    judge = _judge(given=given)

    assert [_texts(judge, _looking(name)) for name in ("large", "small", "usual")] == [
        ["24 cores"],
        ["4 cores"],
        ["12 cores"],
    ]


@pytest.mark.parametrize("sees", [Sees.OCCUPANTS, Sees.RUNNING])
def test_an_engine_that_fails_is_not_waited_for_again(tmp_path: Path, sees: Sees) -> None:
    engine = EngineDouble(cores=7, memory_mib=4096)
    engine.info = None
    with served(engine, tmp_path / "docker.sock") as environ:
        judge = _judge(given={"one": _AUTO, "two": _AUTO}, environ=environ)
        assert _texts(judge, _looking("one")) == _texts(judge, _looking("two", sees))

    assert engine.asked == ["/info"]


def test_judgements_of_one_update_share_what_they_looked_up_but_for_who_else_is_there(tmp_path: Path) -> None:
    engine, looked = EngineDouble(cores=7, memory_mib=4096), Looked()
    size, others = _looking("size"), _looking("others", Sees.OCCUPANTS)
    with served(engine, tmp_path / "docker.sock") as environ:
        for _ in range(2):
            judge = _judge(given={"size": _AUTO, "others": _AUTO}, looked=looked, environ=environ)
            assert [_texts(judge, one) for one in (size, others)] == [["7 cores"]] * 2

    assert engine.asked == ["/info", "/containers/json", "/containers/json"]


def test_the_operators_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    monkeypatch.setattr(judge_module, "read_stacks", lambda file: read.append(file) or {})  # type: ignore[func-returns-value]
    judge, file = _judge(stacks_file=tmp_path / "stacks.yaml"), tmp_path / "stacks.yaml"

    for name in ("one", "two", "one"):
        _texts(judge, rule(name))

    assert read == [file]


def test_without_a_host_a_rule_that_needs_one_fails() -> None:
    (found,) = _texts(_judge(), rule("looks", _cores, Nothing))

    assert found.startswith("looks failed (ValueError in facts.py")


def test_reports_come_last_whatever_their_names_are() -> None:
    rules = [rule("a-report", category=Category.REPORT), rule("b"), rule("c", category=Category.BUDGET)]

    found = [one.name for one, _ in _judge(*rules).all_violations(rules)]

    assert list(dict.fromkeys(found)) == ["b", "c", "a-report"]


def test_the_day_is_that_of_utc_and_the_environment_that_of_the_process() -> None:
    before = datetime.now(UTC).date()
    found = Surroundings()

    assert before <= found.today <= datetime.now(UTC).date()
    assert found.environ is os.environ
    assert found.stacks_file is None


def test_an_empty_stack_breaks_nothing() -> None:
    judge = Judge([], [rule()], {}, Surroundings(None, {}, TODAY))

    assert judge.violations(rule()) == []


def test_what_was_looked_up_is_looked_up_by_its_key() -> None:
    looked = Looked()

    assert [looked.once("a", lambda: 1), looked.once("a", lambda: 2), looked.once("b", lambda: 3)] == [1, 1, 3]
    assert looked.once("none", lambda: None) is None
    assert looked.once("none", lambda: 5) is None


@pytest.mark.parametrize("error", [SettingsError("a"), EngineError("b")])
def test_a_failed_look_stays_failed(error: Exception) -> None:
    looked = Looked()

    def fails() -> None:
        raise error

    for look in (fails, lambda: None):
        with pytest.raises(type(error)):
            looked.once("key", look)


def test_a_mistake_of_the_pack_is_not_kept() -> None:
    looked = Looked()
    with pytest.raises(ZeroDivisionError):
        looked.once("key", lambda: 1 / 0)

    assert looked.once("key", lambda: 5) == 5


def test_the_stack_that_is_judged_is_named_by_its_resources(tmp_path: Path) -> None:
    file = tmp_path / "stacks.yaml"
    file.write_text("dev: {most: 3}\nprod: {most: 5}\n", encoding="utf-8")
    asked = rule(check=lambda _, own: [Violation(f"{own.most}")])

    for name, most in (("dev", "3"), ("prod", "5"), ("other", "0")):
        resources = Stack(name).add("redis", {}).resources()
        judge = Judge(resources, [asked], {}, Surroundings(file, {"PULUMI_STACK": "prod"}, TODAY))
        assert _texts(judge, asked) == [most]
