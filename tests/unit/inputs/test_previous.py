"""The last deployment's plan, as the state holds it; whatever is wrong with a state, there is none."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.inputs.previous import plan_in_state, previous_plan
from sutazai_infra.model.host import Host
from sutazai_infra.model.plan import Plan
from sutazai_infra.model.settings import Settings
from sutazai_infra.planning.planner import plan


@pytest.fixture(scope="module")
def deployed() -> Plan:
    settings = Settings.parsed("test", {"services": {"only": ["redis"]}, "agents": 0})
    return plan(load_catalogue(Path(__file__).parents[3] / "catalogue"), Host.scaled(12, 30085), settings)


def resources(deployed: Plan) -> list[dict[str, Any]]:
    platform = {"type": "sutazai:index:Platform", "outputs": {"plan": deployed.model_dump_json()}}
    return [{"type": "pulumi:pulumi:Stack"}, platform]


def test_it_is_found_in_a_checkpoint_and_in_an_export(deployed: Plan) -> None:
    assert plan_in_state({"checkpoint": {"latest": {"resources": resources(deployed)}}}) == deployed
    assert plan_in_state({"deployment": {"resources": resources(deployed)}}) == deployed


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "text",
        {},
        {"checkpoint": {"latest": None}},
        {"checkpoint": None},
        {"checkpoint": {"latest": {"resources": None}}},
        {"deployment": {"resources": [{"type": "sutazai:index:Platform"}]}},
        {"deployment": {"resources": [{"type": "sutazai:index:Platform", "outputs": {"plan": "{}"}}]}},
        {"deployment": {"resources": [{"type": "sutazai:index:Platform", "outputs": {"plan": None}}]}},
        {"deployment": {"resources": ["odd"]}},
    ],
)
def test_a_state_without_one_gives_none(document: Any) -> None:
    assert plan_in_state(document) is None


def test_a_plan_of_another_version_is_not_read(deployed: Plan) -> None:
    other = json.dumps({**json.loads(deployed.model_dump_json()), "version": 2})
    platform = {"type": "sutazai:index:Platform", "outputs": {"plan": other}}

    assert plan_in_state({"deployment": {"resources": [platform]}}) is None


def test_a_file_backend_is_read_directly(deployed: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/my%20state")
    path = tmp_path / "my state/.pulumi/stacks/sutazai-infra/shop.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"checkpoint": {"latest": {"resources": resources(deployed)}}}))

    assert previous_plan("sutazai-infra", "shop") == deployed
    assert previous_plan("sutazai-infra", "mall") is None
    path.write_text("{ half")
    assert previous_plan("sutazai-infra", "shop") is None


def test_another_backend_is_asked_through_the_cli(deployed: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(
            command, 0, json.dumps({"deployment": {"resources": resources(deployed)}})
        )

    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.example.com")
    monkeypatch.setattr("shutil.which", lambda _: "/bin/pulumi")
    monkeypatch.setattr("subprocess.run", run)

    assert previous_plan("sutazai-infra", "shop") == deployed
    assert asked == [["/bin/pulumi", "stack", "export", "--stack", "shop"]]


def test_without_a_cli_or_an_answer_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        raise subprocess.TimeoutExpired(command, 30)

    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.example.com")
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert previous_plan("sutazai-infra", "shop") is None
    monkeypatch.setattr("shutil.which", lambda _: "/bin/pulumi")
    monkeypatch.setattr("subprocess.run", hang)
    assert previous_plan("sutazai-infra", "shop") is None
