"""The page of rules is what the rules say, and the ready configuration files are what stacks.yaml says."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import sutazai_policy
from sutazai_policy.__main__ import main
from sutazai_policy.document import rules_document
from sutazai_policy.rules import all_rules
from sutazai_policy.schema import config_schema
from sutazai_policy.settings import resolve

_PACK = Path(sutazai_policy.__file__).parents[1]
_STACKS = ("dev", "prod")


def test_the_committed_page_is_the_one_that_the_rules_make(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0

    assert capsys.readouterr().out == (_PACK / "RULES.md").read_text(encoding="utf-8"), (
        "run: PYTHONPATH=policy python -m sutazai_policy rules > policy/RULES.md"
    )


def test_every_rule_has_a_row_a_section_and_all_its_parameters() -> None:
    page = rules_document(all_rules())

    for rule in all_rules():
        section = page.partition(f"\n### {rule.name}\n")[2].partition("\n### ")[0]
        assert f"| [`{rule.name}`](#{rule.name}) |" in page
        assert rule.why in section
        assert rule.remediation in section
        for name in config_schema(rule.settings):
            assert f"| `{name}` | " in section


@pytest.mark.parametrize("stack", _STACKS)
def test_a_ready_file_is_what_the_stacks_file_says(stack: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", stack]) == 0

    assert capsys.readouterr().out == (_PACK / f"config/{stack}.json").read_text(encoding="utf-8"), (
        f"run: PYTHONPATH=policy python -m sutazai_policy config {stack} > policy/config/{stack}.json"
    )


@pytest.mark.parametrize("stack", _STACKS)
def test_a_ready_file_is_taken_by_every_rule_and_its_schema(stack: str) -> None:
    config = json.loads((_PACK / f"config/{stack}.json").read_text(encoding="utf-8"))

    assert list(config) == [rule.name for rule in all_rules()]
    for rule in all_rules():
        given = dict(config[rule.name])
        assert given.pop("enforcementLevel") == rule.level.value
        resolve(rule.settings, given)
        schema = {"type": "object", "properties": config_schema(rule.settings), "additionalProperties": False}
        jsonschema.validate(given, schema)


def test_a_stacks_file_that_can_not_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stacks.yaml"
    file.write_text("dev: {hots: auto}\n", encoding="utf-8")

    assert main(["config", "dev", "--file", str(file)]) == 1

    assert capsys.readouterr().err.startswith("sutazai_policy: dev.hots: no rule and no setting has this name")
