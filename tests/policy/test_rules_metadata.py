"""Every rule has the common form; a new one is held to it without a test of its own."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sutazai_policy
from pulumi_policy import EnforcementLevel, Severity, StackValidationPolicy
from sutazai_policy import rules
from sutazai_policy.pack import policies
from sutazai_policy.rule import Rule
from sutazai_policy.rules import RULES
from sutazai_policy.schema import config_schema
from sutazai_policy.settings import SettingsError, resolve

_PACK = Path(sutazai_policy.__file__).parent
_every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def _schema(rule: Rule[Any]) -> dict[str, Any]:
    """Return the schema as the engine puts it together from a policy's properties."""
    found = config_schema(rule.settings)
    return {"type": "object", "properties": found.properties, "additionalProperties": False}


def test_rules_are_listed_by_name_and_each_has_a_file_of_its_own() -> None:
    names = [rule.name for rule in RULES]
    files = {file.stem.replace("_", "-") for file in Path(rules.__file__).parent.glob("[a-z]*.py")}

    assert names == sorted(set(names))
    assert set(names) == files


@_every_rule
def test_a_name_is_kebab_case(rule: Rule[Any]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)


@_every_rule
def test_a_description_is_one_sentence_that_says_what_has_to_be(rule: Rule[Any]) -> None:
    assert re.fullmatch(r"[A-Z][^.\n]{20,120}\.", rule.description)
    assert re.search(r"\b(has|have) to\b", rule.description)


@_every_rule
def test_a_rule_says_how_bad_it_is_and_what_to_do(rule: Rule[Any]) -> None:
    assert isinstance(rule.severity, Severity)
    assert rule.level is EnforcementLevel.MANDATORY
    steps = rule.remediation.split("\n")
    assert [step[:3] for step in steps] == [f"{number}. " for number in range(1, len(steps) + 1)]


@_every_rule
def test_every_setting_has_a_default_and_says_which(rule: Rule[Any]) -> None:
    rule.settings.model_validate({})

    for name, found in config_schema(rule.settings).properties.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
        assert re.search(r"\bDefault\b", found["description"]), name


@_every_rule
def test_a_schema_gives_the_engine_no_defaults_to_fill_in_over_the_stacks_file(rule: Rule[Any]) -> None:
    assert not [name for name, found in config_schema(rule.settings).properties.items() if "default" in found]


@_every_rule
def test_a_schema_is_valid_and_complete_by_itself(rule: Rule[Any]) -> None:
    schema = _schema(rule)

    jsonschema.Draft7Validator.check_schema(schema)
    assert "$ref" not in str(schema)


@pytest.mark.parametrize(
    "config",
    [
        {"host": "auto"},
        {"host": "reference"},
        {"host": {"cores": 24, "memory_mib": 65536}},
        {"host": {"cores": "auto", "reserved_cores": 1}},
        {"tiers": {"3": {"cpu": 2.5, "memory": 6144, "core_set": "8-11"}}},
        {"pool_cgroups": {"agents": 4096, "ml": None, "/my/own": {"memory": 512, "within": "agents"}}},
        {"overcommit": 1.5},
        {"swap_allowance_mib": 64},
    ],
)
def test_a_setting_that_the_schema_takes_is_one_that_the_rule_takes(config: dict[str, Any]) -> None:
    (name,) = config
    having = [rule for rule in RULES if name in rule.settings.model_fields]

    assert having
    for rule in having:
        jsonschema.validate(config, _schema(rule))
        resolve(rule.settings, config)


@pytest.mark.parametrize(
    "config",
    [
        {"host": "laptop"},
        {"host": {"cores": 0}},
        {"host": {"cores": 4.5}},
        {"host": {"core": 4}},
        {"host": 12},
        {"tiers": {"3": {"memry": 6144}}},
        {"tiers": {"3": {"memory": -1}}},
        {"tiers": {"3": 5}},
        {"tiers": {"3": {"core_set": 8}}},
        {"pool_cgroups": {"agents": "8Gi"}},
        {"overcommit": 0.5},
        {"swap_allowance_mib": -1},
    ],
)
def test_a_setting_that_the_schema_refuses_is_refused_by_the_rule_too(config: dict[str, Any]) -> None:
    (name,) = config
    having = [rule for rule in RULES if name in rule.settings.model_fields]

    assert having
    for rule in having:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(config, _schema(rule))
        with pytest.raises(SettingsError, match=re.escape(f"{name}")):
            resolve(rule.settings, config)


def test_policies_carry_the_rules_metadata_to_pulumi() -> None:
    for policy, rule in zip(policies(), RULES, strict=True):
        assert isinstance(policy, StackValidationPolicy)
        assert (policy.name, policy.description) == (rule.name, rule.description)
        assert (policy.enforcement_level, policy.severity) == (rule.level, rule.severity)
        assert policy.remediation_steps == rule.remediation


def test_the_pack_imports_nothing_of_the_program_and_little_else() -> None:
    imported = set()
    for file in _PACK.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])

    assert imported - sys.stdlib_module_names == {"pulumi_policy", "pydantic", "sutazai_policy", "yaml"}
