"""What the environment and the plan's file may say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from exporter.plan import PlanFacts, read_plan
from exporter.settings import Settings, SettingsError

from tests.unit.exporter.recorded import plan


def test_only_the_stack_has_to_be_named() -> None:
    assert Settings.parse({"STACK": "dev"}) == Settings(
        stack="dev",
        engine_url="tcp://engine-proxy:2375",
        plan=Path("/run/configs/plan.json"),
        snapshots=Path("/run/snapshots/snapshots.json"),
        port=9105,
        workers=128,
        timeout_s=4,
    )


@pytest.mark.parametrize(
    ("env", "problem"),
    [
        ({"STACK": ""}, "STACK: is not set"),
        ({"PORT": "0"}, "PORT: must be a whole number from 1 to 65535, not '0'"),
        ({"WORKERS": "-1"}, "WORKERS: must be a whole number from 1 to 512, not '-1'"),
        (
            {"ENGINE_TIMEOUT_SECONDS": "61"},
            "ENGINE_TIMEOUT_SECONDS: must be a whole number from 1 to 60, not '61'",
        ),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(env: dict[str, str], problem: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.parse({"STACK": "dev"} | env)
    assert str(refusal.value) == problem


def test_the_agents_are_told_as_prometheus_discovers_them() -> None:
    assert json.loads(PlanFacts.parse(plan()).discovery()) == [
        {"targets": ["ann:8080"], "labels": {"name": "ann", "tier": "2"}}
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps(plan() | {"ledger": [{"scope": "host"}]})])
def test_a_file_that_is_no_plan_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(SettingsError, match=r"plan\.json: is no plan that this exporter reads: "):
        read_plan(tmp_path / "plan.json")
