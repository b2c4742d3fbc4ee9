"""`stacks.yaml`: for every stack, then for one; for all rules that share a setting, then for one rule."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
import sutazai_policy
from pydantic import Field
from sutazai_policy.judge import Judge, Surroundings
from sutazai_policy.rule import Rule, Violation
from sutazai_policy.rules import all_rules
from sutazai_policy.settings import Settings, SettingsError
from sutazai_policy.stacks_file import SettingNames, pack_config, read_stacks, stack_settings

from tests.policy.made_up import HostOnly, Most, Nothing, rule
from tests.policy.stacks import TODAY, Stack

_SHIPPED = Path(sutazai_policy.__file__).parents[1] / "stacks.yaml"


class _Doors(Most):
    """The same number, and names."""

    allowed: Annotated[list[str], Field(default_factory=list, description="Doors. Default: none.")]


class _Windows(Settings):
    """Other names under the same key."""

    allowed: Annotated[list[str], Field(default_factory=list, description="Windows. Default: none.")]


_RULES = [rule("doors", settings=_Doors), rule("sum", settings=HostOnly), rule("windows", settings=_Windows)]


def _settings(stacks: Any, rule: str = "doors", stack: str | None = "prod") -> Any:
    found: dict[str, Any] = {}
    for layer in stack_settings(stacks, stack, rule, SettingNames.of(_RULES)):
        found |= layer
    return found


def _problem(stacks: Any, rule: str = "doors") -> str:
    with pytest.raises(SettingsError) as error:
        _settings(stacks, rule)
    return str(error.value)


@pytest.mark.parametrize(
    ("stacks", "found"),
    [
        ({}, {}),
        ({"prod": None}, {}),
        ({"dev": {"most": 1}}, {}),
        ({"prod": {"most": 1}}, {"most": 1}),
        ({"*": {"most": 1}}, {"most": 1}),
        ({"*": {"most": 1}, "prod": {"most": 2}}, {"most": 2}),
        ({"prod": {"most": 2}, "*": {"doors": {"most": 1}}}, {"most": 2}),
        ({"prod": {"doors": {"most": 2}, "most": 1}}, {"most": 2}),
        ({"prod": {"doors": None, "most": 1}}, {"most": 1}),
        ({"prod": {"host": "auto"}}, {}),
        ({"prod": {"windows": {"allowed": ["a"]}}}, {}),
        ({"prod": {"doors": {"allowed": ["a"], "exceptions": []}}}, {"allowed": ["a"], "exceptions": []}),
    ],
)
def test_a_rule_gets_what_is_said_of_every_stack_then_of_this_then_to_it(stacks: Any, found: Any) -> None:
    assert _settings(stacks) == found


def test_a_stack_without_a_name_gets_what_is_said_of_every_stack() -> None:
    assert _settings({"*": {"most": 1}, "None": {"most": 2}}, stack=None) == {"most": 1}


def test_keys_are_texts() -> None:
    assert _settings({"prod": {"doors": {3: "x"}}}) == {"3": "x"}


@pytest.mark.parametrize(
    ("stacks", "problem"),
    [
        (
            {"prod": {"hots": "auto"}},
            "prod.hots: no rule and no setting has this name: use one of doors, host, most, sum, windows",
        ),
        (
            {"*": {"hots": "auto"}},
            "*.hots: no rule and no setting has this name: use one of doors, host, most, sum, windows",
        ),
        # What one rule allows, another doesn't; and nobody is excepted from all rules at once.
        (
            {"prod": {"allowed": ["a"]}},
            "prod.allowed: each rule has its own: write it below one of doors, windows",
        ),
        ({"prod": {"exceptions": []}}, "prod.exceptions: each rule has its own: write it below one of doors"),
        ({"prod": "auto"}, "prod: give keys and values, not 'auto'"),
        ({"prod": ["auto"]}, "prod: give keys and values, not ['auto']"),
        ({"prod": {"doors": False}}, "prod.doors: give keys and values, not False"),
        ({"*": 0}, "*: give keys and values, not 0"),
    ],
)
def test_a_mistake_is_told_with_its_path(stacks: Any, problem: str) -> None:
    assert _problem(stacks) == problem


def test_a_mistake_about_another_stack_is_not_this_ones() -> None:
    assert _settings({"dev": {"hots": 1}, "prod": {"most": 1}}) == {"most": 1}


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_stacks(None) == {}
    assert read_stacks(tmp_path / "stacks.yaml") == {}


def test_a_file_is_read_with_names_as_texts(tmp_path: Path) -> None:
    file = tmp_path / "stacks.yaml"
    for text, found in (("", {}), ("1: {most: 2}\n", {"1": {"most": 2}}), ("größe: {}\n", {"größe": {}})):
        file.write_text(text, encoding="utf-8")
        assert read_stacks(file) == found


@pytest.mark.parametrize("content", [b"prod: [", b"\xff\xfe", b"a: b: c", b"a: !!python/object:os.system {}"])
def test_a_file_that_can_not_be_read_blocks_every_rule(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "stacks.yaml"
    file.write_bytes(content)
    judge = Judge(Stack().add("a", {}).resources(), _RULES, {}, Surroundings(file, {}, TODAY))

    for one in _RULES:
        (found,) = judge.violations(one)
        assert found.message.startswith(f"the settings of {one.name} can't be used: can't be read (")
        assert "\n" not in found.message


def test_a_file_that_is_a_folder_or_no_mapping_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^can't be read \(\[Errno 21\] Is a directory: '.*'\)$"):
        read_stacks(tmp_path)
    file = tmp_path / "stacks.yaml"
    file.write_text("- prod\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"stacks\.yaml: give keys and values, not \['prod'\]"):
        read_stacks(file)


def test_the_commands_configuration_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "stacks.yaml"
    file.write_text("prod: {most: 1, doors: {allowed: [a, b]}}\n", encoding="utf-8")
    shows: Rule[Any] = rule("doors", lambda _, own: [Violation(f"{own.most} {own.allowed}")], _Doors)
    for given, found in (({}, "1 ['a', 'b']"), ({"most": 2}, "2 ['a', 'b']"), ({"allowed": ["c"]}, "1 ['c']")):
        judge = Judge(Stack().add("a", {}).resources(), [shows], {"doors": given}, Surroundings(file, {}, TODAY))
        assert [one.message for one in judge.violations(shows)] == [found]


def test_a_stacks_configuration_can_be_written_for_the_command(tmp_path: Path) -> None:
    file = tmp_path / "stacks.yaml"
    file.write_text(
        "prod:\n  most: 1\n  doors: {allowed: [a], exceptions: [{service: a, reason: b, expires: 2027-01-31}]}\n",
        encoding="utf-8",
    )

    found = pack_config(file, "prod", _RULES)

    assert found["doors"] == {
        "enforcementLevel": "mandatory",
        "most": 1,
        "allowed": ["a"],
        "exceptions": [{"service": "a", "reason": "b", "expires": date(2027, 1, 31).isoformat()}],
    }
    assert found["sum"] == {"enforcementLevel": "mandatory"}
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("stack", ["dev", "prod", "another"])
def test_the_shipped_file_can_be_used_by_every_rule(stack: str) -> None:
    rules = all_rules()
    judge = Judge(Stack(stack).add("a", {}).resources(), rules, {}, Surroundings(_SHIPPED, {}, TODAY))

    hosts = {one.name: getattr(judge.settings(one), "host", None) for one in rules}

    assert {found.measured for found in hosts.values() if found is not None} == {stack == "dev"}


@pytest.mark.parametrize("name", ["host", "tiers", "pools", "pool_cgroups", "overcommit", "databases"])
def test_what_several_rules_have_to_agree_on_can_be_said_once(name: str) -> None:
    known = SettingNames.of(all_rules())

    assert known.having(name)
    assert name in known.shared, f"described differently by {known.having(name)}"


def test_rules_without_settings_have_none_to_share() -> None:
    assert SettingNames.of([rule(settings=Nothing)]) == SettingNames({"made-up": frozenset()}, frozenset())
