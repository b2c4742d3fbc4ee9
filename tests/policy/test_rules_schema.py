"""What Pulumi checks a configuration against is what the rules take."""

from __future__ import annotations

import re
from typing import Any

import jsonschema
import pytest
from sutazai_policy.rule import Rule
from sutazai_policy.rules import all_rules
from sutazai_policy.schema import config_schema
from sutazai_policy.settings import SettingsError, resolve

_EXCEPTION = {"service": "grafana", "reason": "unpacks its plugins", "expires": "2027-03-31"}
_SAMPLES: list[Any] = [
    None, True, False, -1, 0, 1, 2, 5, 0.5, 1.5, 10**12,
    "", "a", "auto", "reference", "digest", "version", "2-3", "5", "laptop",
    [], ["a"], ["/a"], ["*"], [5], [None], [[]], [{}],
    [_EXCEPTION], [{**_EXCEPTION, "expires": 5}], [{**_EXCEPTION, "until": 1}], [{"service": "a"}],
    {}, {"a": 1}, {"a": 0.5}, {"a": -1}, {"a": None}, {"a": "x"}, {"a": "2-3"}, {"a": ["b"]}, {"a": [5]},
    {"a": {}}, {"a": {"memory": 5}}, {"a": {"memory": -5}}, {"a": {"x": 5}},
    {"a": {"cpu": 2.5, "core_set": "8-11"}}, {"a": {"core_set": 8}},
    {"a": {"within": "b"}}, {"a": {"containers": 3, "concurrency": 1}},
    {"cores": 4}, {"cores": 0}, {"cores": 4.5}, {"cores": "auto", "reserved_cores": 1}, {"memory_mib": 65536},
]  # fmt: skip
# A schema can't say what a text has to look like inside: these are refused when the stack is judged.
_INSIDE = r"no core set|on no calendar|give a day|no absolute path|give "
_every_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)


def _schema(rule: Rule[Any]) -> dict[str, Any]:
    """Return the schema as the engine puts it together from a policy's properties."""
    return {"type": "object", "properties": config_schema(rule.settings), "additionalProperties": False}


def _refused(rule: Rule[Any], config: dict[str, Any]) -> str:
    try:
        resolve(rule.settings, config)
    except SettingsError as error:
        return str(error)
    return ""


@_every_rule
def test_every_setting_has_a_default_and_says_which(rule: Rule[Any]) -> None:
    resolve(rule.settings)

    for name, found in config_schema(rule.settings).items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name)
        assert re.search(r"\bDefaults?\b.+\.$", found["description"], re.DOTALL), name


@_every_rule
def test_a_schema_gives_the_engine_no_defaults_to_fill_in_over_the_operators_file(rule: Rule[Any]) -> None:
    assert not [name for name, found in config_schema(rule.settings).items() if "default" in found]


@_every_rule
def test_a_schema_is_valid_and_complete_by_itself(rule: Rule[Any]) -> None:
    schema = _schema(rule)

    jsonschema.Draft7Validator.check_schema(schema)
    assert "$ref" not in str(schema)
    assert "$defs" not in str(schema)


@_every_rule
def test_the_schema_takes_what_the_rule_takes_and_refuses_what_it_refuses(rule: Rule[Any]) -> None:
    validator = jsonschema.Draft7Validator(_schema(rule))
    for name in config_schema(rule.settings):
        for value in _SAMPLES:
            config = {name: value}
            refused = _refused(rule, config)
            if validator.is_valid(config):
                assert not refused or re.search(_INSIDE, refused), (config, refused)
            else:
                assert refused, config


@_every_rule
def test_a_setting_that_is_not_there_is_refused_by_both(rule: Rule[Any]) -> None:
    assert not jsonschema.Draft7Validator(_schema(rule)).is_valid({"no_such_setting": 1})
    assert _refused(rule, {"no_such_setting": 1}).startswith("no_such_setting: the rule has no such setting, but ")


@pytest.mark.parametrize(
    ("taken", "refused"),
    [
        ({"host": {"cores": "auto"}}, {"host": {"core": 4}}),
        ({"tiers": {"3": {"cpu": 2.5, "core_set": "8-11"}}}, {"tiers": {"3": {"memry": 6144}}}),
        ({"pools": {"ml": {"concurrency": 2}}}, {"pools": {"ml": 5}}),
        ({"pool_cgroups": {"agents": 4096, "ml": None, "/x": {"within": "ml"}}}, {"pool_cgroups": {"ml": "8Gi"}}),
        ({"overcommit": 1.5}, {"overcommit": 0.5}),
        ({"exceptions": [_EXCEPTION]}, {"exceptions": [{**_EXCEPTION, "reason": "short"}]}),
    ],
)
def test_a_setting_is_taken_by_every_rule_that_has_it(taken: dict[str, Any], refused: dict[str, Any]) -> None:
    (name,) = taken
    having = [rule for rule in all_rules() if name in rule.settings.model_fields]

    assert having
    for rule in having:
        jsonschema.validate(taken, _schema(rule))
        assert not _refused(rule, taken)
        assert not jsonschema.Draft7Validator(_schema(rule)).is_valid(refused)
        assert _refused(rule, refused).startswith(name)
