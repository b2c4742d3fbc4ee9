from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from sutazai_infra.cli.app import main
from tests.unit.cli.projects import REPOSITORY, write_project

pytestmark = pytest.mark.usefixtures("project")


def test_the_tables_name_the_stack_and_every_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--stack", "lab"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("Stack lab on 12 cores and 29.38 GiB (declared); to give: cores 2-11, ")
    assert [t for t in ("\nCore map", "\nPool infrastructure", "\nOff", "\nLedger") if t not in printed.out] == []
    assert printed.err == ""


def test_json_has_the_promised_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "-s", "lab", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert {service["name"] for service in plan["services"]} == {"postgres", "redis"}
    assert set(plan["services"][0]) >= {
        "name", "pool", "tier", "priority", "replica", "core_set", "cpu_request", "cpu_limit",
        "memory_request_mib", "memory_limit_mib", "weight", "qos",
    }  # fmt: skip
    assert set(plan["ledger"][0]) >= {"scope", "dimension", "used", "limit"}


def test_the_schema_holds_for_the_whole_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert main(["plan", "-s", "lab", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(plan, schema)


def test_a_refusal_is_one_line_per_reason_on_stderr(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_project(project, overrides={"redis": {"memory_request": "20Gi", "memory_limit": "20Gi"}})
    assert main(["plan", "--stack", "lab"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[0] == (
        "tier 1 requests 21504 MiB of 14336 MiB (redis 20480, postgres 1024): "
        "lower a request, or raise tiers.1.request_memory"
    )


def test_an_unknown_stack_is_named_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--stack", "nope"]) == 1
    assert capsys.readouterr().err == "there is no stack 'nope' (no Pulumi.nope.yaml); there are: lab\n"


def test_an_unknown_option_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--bogus"]) == 2
    assert "No such option: --bogus" in capsys.readouterr().err


def test_a_folder_outside_the_project_can_name_it(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["-C", str(project), "plan", "-s", "lab"]) == 0
    assert capsys.readouterr().out.startswith("Stack lab ")


def test_a_bug_is_one_line_and_how_to_see_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sutazai_infra.operations.gathering.gather", _broken)
    assert main(["plan", "-s", "lab"]) == 1
    assert capsys.readouterr().err == (
        "sutazai: a bug: ZeroDivisionError: division by zero (SUTAZAI_DEBUG=1 shows where)\n"
    )


def test_a_bug_has_its_traceback_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUTAZAI_DEBUG", "1")
    monkeypatch.setattr("sutazai_infra.operations.gathering.gather", _broken)
    with pytest.raises(ZeroDivisionError):
        main(["plan", "-s", "lab"])


def test_neither_help_nor_a_plan_imports_pulumi() -> None:
    script = (
        "import sys; from sutazai_infra.cli.app import main; main(['plan', '-s', 'lab']); "
        "sys.exit(any(name.split('.')[0] in {'pulumi', 'pulumi_docker', 'grpc'} for name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_help_imports_neither_pydantic_nor_docker() -> None:
    script = (
        "import sys; from sutazai_infra.cli.app import main; main(['--help']); "
        "sys.exit(any(name.split('.')[0] in {'pydantic', 'docker', 'pulumi'} for name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "sutazai_infra", "-C", str(REPOSITORY), "plan", "--stack", "nope"]
    ran = subprocess.run(command, capture_output=True, check=False, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith("there is no stack 'nope' (no Pulumi.nope.yaml); there are: ")


def _broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("division by zero")
