"""The schemas that editors check the catalogue with: current, and at one with the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from sutazai_infra.inputs import schema
from sutazai_infra.inputs.files import KINDS, catalogue_files

ROOT = Path(__file__).resolve().parents[3]
FILES = [(path, kind) for path, kind in catalogue_files(ROOT / "catalogue")]


def _value(text: str) -> Any:
    """Read YAML as an editor does: keys are texts."""
    return json.loads(json.dumps(yaml.load(text, Loader=yaml.CSafeLoader)))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_committed_schema_is_what_the_models_give(kind: Any) -> None:
    committed = (ROOT / "catalogue" / "schema" / f"{kind.name}.schema.json").read_text()
    assert json.loads(committed) == schema.schema_of(kind), "run python -m sutazai_infra.inputs.schema"


@pytest.mark.parametrize(("path", "kind"), FILES, ids=lambda value: getattr(value, "name", ""))
def test_a_file_names_its_schema_in_its_first_line_and_satisfies_it(path: Path, kind: Any) -> None:
    text = path.read_text()
    reference = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    described = json.loads((path.parent / reference).read_text())
    assert described["title"] == f"sutazai-infra catalogue: {kind.name}"
    jsonschema.Draft202012Validator(described).validate(_value(text))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("platform", "pools: {main: {tiers: 1}}"),
        ("images", "images: {Any: {upstream: 'any:1', unbuilt_reason: none}}"),
        ("services", "services: {api: {name: api}}"),
        ("services", "service: {}"),
        ("agents", "agents: {writer: {type: development, role: writes}}"),
    ],
)
def test_a_schema_refuses_what_the_loader_refuses(kind: str, text: str) -> None:
    described = schema.schema_of(next(k for k in KINDS if k.name == kind))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(described).validate(_value(text))


def test_writing_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    assert len(schema.write(tmp_path)) == len(KINDS)
    assert schema.write(tmp_path) == []
    (tmp_path / "images.schema.json").write_text("{}")
    assert schema.outdated(tmp_path) == ["images.schema.json"]


def test_check_fails_with_the_way_out_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(schema, "outdated", lambda: ["images.schema.json"])
    assert schema.main(["--check"]) == 1
    assert capsys.readouterr().out == (
        "catalogue/schema/images.schema.json: out of date; run python -m sutazai_infra.inputs.schema\n"
    )


def test_an_argument_that_it_does_not_know_is_answered_by_its_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert schema.main(["--help"]) == 2
    assert capsys.readouterr().out == "usage: python -m sutazai_infra.inputs.schema [--check]\n"
