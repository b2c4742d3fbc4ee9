"""Every rule has the common form; a new one is held to it without a test of its own."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi_policy import EnforcementLevel, Severity
from sutazai_policy import rules
from sutazai_policy.exceptions import ExceptableSettings
from sutazai_policy.judge import Surroundings
from sutazai_policy.rule import Category, Rule, Sees
from sutazai_policy.rules import all_rules
from sutazai_policy.schema import config_schema
from sutazai_policy.server import Analyzer

_RULES = all_rules()
_ADVISORY = {"ledger", "stateful-replacement"}
_CASES = Path(__file__).with_name("rules")
_every_rule = pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.name)


def _file_name(rule: Rule[Any]) -> str:
    return rule.name.replace("-", "_")


def test_rules_are_listed_by_name_and_each_has_a_file_of_its_own() -> None:
    names = [rule.name for rule in _RULES]
    files = {file.stem.replace("_", "-") for file in Path(rules.__file__).parent.glob("[a-z]*.py")}

    assert names == sorted(set(names))
    assert set(names) == files


@_every_rule
def test_a_rule_begins_with_its_name_and_exports_nothing_else(rule: Rule[Any]) -> None:
    module = ast.parse((Path(rules.__file__).parent / f"{_file_name(rule)}.py").read_text(encoding="utf-8"))

    assert (ast.get_docstring(module) or "").startswith(f"{rule.name}: ")
    exported = [node for node in module.body if isinstance(node, ast.Assign) and _assigns(node, "__all__")]
    assert [ast.literal_eval(node.value) for node in exported] == [["RULE"]]


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


@_every_rule
def test_a_name_is_kebab_case(rule: Rule[Any]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)


@_every_rule
def test_a_description_is_one_sentence_that_says_what_has_to_be(rule: Rule[Any]) -> None:
    assert re.fullmatch(r"[A-Z][^\n]{18,118}\.", rule.description)
    assert not re.search(r"[.!?] [A-Z]", rule.description)
    assert re.search(r"\b(has|have) to\b", rule.description)


@_every_rule
def test_a_rule_says_what_it_is_about_how_bad_it_is_and_why(rule: Rule[Any]) -> None:
    assert isinstance(rule.category, Category)
    assert isinstance(rule.severity, Severity)
    assert isinstance(rule.sees, Sees)
    assert rule.level is (EnforcementLevel.ADVISORY if rule.name in _ADVISORY else EnforcementLevel.MANDATORY)
    assert re.fullmatch(r"[A-Z`][^\n]{20,400}\.", rule.why)
    assert re.fullmatch(r"[^\n]{5,200}", rule.source)


@_every_rule
def test_the_way_out_is_in_steps(rule: Rule[Any]) -> None:
    steps = rule.remediation.split("\n")

    assert [step[:3] for step in steps] == [f"{number}. " for number in range(1, len(steps) + 1)]
    assert all(re.fullmatch(r"\d\. \S[^\n]{5,250}\.", step) for step in steps)


@_every_rule
def test_a_rule_that_needs_a_host_has_one_to_set(rule: Rule[Any]) -> None:
    assert ("host" in rule.settings.model_fields) is (rule.sees is not Sees.STACK)


@_every_rule
def test_only_what_judges_single_resources_judges_them_before_they_are_made(rule: Rule[Any]) -> None:
    if rule.alone:
        assert rule.category not in {Category.BUDGET, Category.REPORT}
        assert rule.sees in {Sees.STACK, Sees.HOST}


@_every_rule
def test_single_services_can_be_excepted_from_what_judges_them(rule: Rule[Any]) -> None:
    if rule.alone and rule.name != "known-resources":
        assert issubclass(rule.settings, ExceptableSettings)


@_every_rule
def test_the_engine_is_told_all_of_it(rule: Rule[Any]) -> None:
    nobody: Any = None
    (info,) = Analyzer("pack", "1", [rule], Surroundings()).GetAnalyzerInfo(empty_pb2.Empty(), nobody).policies

    assert (info.name, info.description, info.remediation_steps) == (
        rule.name,
        rule.description,
        rule.remediation,
    )
    assert info.severity == pb.PolicySeverity.Value(f"POLICY_SEVERITY_{rule.severity.name}")
    assert info.enforcementLevel == pb.EnforcementLevel.Value(rule.level.name)
    assert info.policy_type == pb.POLICY_TYPE_STACK
    assert list(info.tags) == [rule.category.value]
    told = {name: json_format.MessageToDict(found) for name, found in info.configSchema.properties.items()}
    assert told == config_schema(rule.settings)


@_every_rule
def test_a_rule_has_cases_of_each_kind(rule: Rule[Any]) -> None:
    file = _CASES / f"test_{_file_name(rule)}.py"
    tests = [
        node.name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    kinds = ["passes", "says" if rule.name == "ledger" else "refuses", "unknown"]
    if rule.settings.model_fields:
        kinds.append("obeys")

    assert not [kind for kind in kinds if not any(name.startswith(f"test_{kind}_") for name in tests)]


def test_there_are_no_cases_of_a_rule_that_is_gone() -> None:
    names = {f"test_{_file_name(rule)}" for rule in _RULES}

    # What is long is split: test_host_budget_swarm.py, say.
    assert not [
        file.name
        for file in _CASES.glob("test_*.py")
        if not any(file.stem == name or file.stem.startswith(f"{name}_") for name in names)
    ]
