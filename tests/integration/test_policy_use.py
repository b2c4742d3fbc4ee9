"""How the policy pack is used: previews, updates, states, the Automation API, configuration and CI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docker
import pytest
from pulumi import automation

from tests.integration.policy_project import GOOD, PACK, ROOT, HandMade, project, state_with

__all__ = ["project"]

pytestmark = pytest.mark.engine


def test_a_good_stack_passes_and_its_ledger_is_shown(project: HandMade) -> None:
    done = project.preview(GOOD)

    assert done.code == 0, done.output
    assert not done.violations()
    assert "tier 1: 1 container requests 0.125 of 6 cores and 64 of 14336 MiB;" in done.output


def test_what_is_over_the_budget_is_stopped_with_sums_culprits_and_the_way_out(project: HandMade) -> None:
    hogs = (
        "\nfor n in range(3):\n    container(f'hog-{n}', memory=9999, memory_swap=9999, memory_reservation=9999)\n"
    )

    done = project.preview(GOOD + hogs)

    assert done.code != 0
    assert (
        "the stack requests 30061 MiB of 27648 MiB usable memory"
        " (hog-0 9999, hog-1 9999, hog-2 9999, cache 64);"
        " evicted first: cache (priority 600), then hog-0 (priority 600), then hog-1 (priority 600):"
        " lower memoryReservation, or raise host.memory_mib"
    ) in done.lines


def test_a_value_that_the_preview_does_not_know_stops_it_and_is_no_advice(project: HandMade) -> None:
    late = """
    import pulumi_docker as docker
    from tests.corpus.citizens import container
    container("vague", memory=docker.Network("late").id.apply(lambda _: 128))
    """

    done = project.preview(late)

    assert done.code != 0
    assert "memory-limit" in done.output
    assert [name for name in done.violations("advisory") if name != "ledger"] == []


def test_a_level_is_configured_and_the_violation_becomes_advice(project: HandMade) -> None:
    rootish = GOOD.replace('"cache"', '"cache", user="0"')
    assert project.preview(rootish).code != 0

    done = project.preview(rootish, "--policy-pack-config", project.config(root_user="advisory"))

    assert done.code == 0, done.output
    assert "[advisory]" in done.output
    assert "root-user" in done.output


def test_parameters_are_configured(project: HandMade) -> None:
    settings = project.config(tier_quotas={"tiers": {"1": {"memory": 60}}, "host": "reference"})

    done = project.preview(GOOD, "--policy-pack-config", settings)

    assert done.code != 0
    assert "tier 1 requests 64 MiB of 60 MiB (cache 64): lower a request, or raise tiers.1.memory" in done.lines


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"overcommit": "much"}, "overcommit"),
        ({"hots": "auto"}, "hots"),
        ({"host": {"cores": 0}}, "cores"),
        ({"pool_cgroups": {"ml": {"memory": 1, "within": "ml"}}}, "pool_cgroups.ml.within: ml can't contain it"),
    ],
)
def test_a_wrong_configuration_is_a_clear_message_and_no_pass(
    project: HandMade, settings: dict[str, Any], said: str
) -> None:
    done = project.preview(GOOD, "--policy-pack-config", project.config(host_budget=settings))

    assert done.code != 0
    assert said in done.output
    assert "Traceback" not in done.output


def test_an_exception_with_a_reason_lets_one_service_pass_until_its_day(project: HandMade) -> None:
    rootish = GOOD.replace('"cache"', '"cache", user="0"')
    given = {"service": "cache", "reason": "its image drops the user itself"}
    later, past = (str(date.today() + timedelta(days)) for days in (200, -20))
    valid = project.config(root_user={"exceptions": [{**given, "expires": later}]})
    passed = project.preview(rootish, "--policy-pack-config", valid)
    expired = project.config(root_user={"exceptions": [{**given, "expires": past}]})

    refused = project.preview(rootish, "--policy-pack-config", expired)

    assert passed.code == 0, passed.output
    assert f"exception: cache from root-user until {later} (its image drops the user itself)" in passed.lines
    assert refused.code != 0
    assert "the exception of cache from root-user" in refused.output
    assert f"expired on {past}" in refused.output


def test_a_stack_that_is_named_in_the_operators_file_is_held_to_its_own_host(project: HandMade) -> None:
    cores = os.cpu_count() or 1
    stray = GOOD.replace('"cache"', f'"cache", cpu_set="{cores}", memory=64, memory_swap=64')

    done = project.preview(stray, stack="dev")

    assert done.code != 0
    hosts = "core 0" if cores == 1 else f"cores 0-{cores - 1}"
    assert f"cache may run on core {cores}, and the host has {hosts}: narrow its cpuSet" in done.lines


def test_a_ready_file_makes_the_pack_judge_alike_where_the_operators_file_is_not(
    project: HandMade, tmp_path: Path
) -> None:
    pack = tmp_path / "elsewhere" / "policy"
    shutil.copytree(PACK, pack, ignore=shutil.ignore_patterns("stacks.yaml", "__pycache__", "config"))
    (pack / "PulumiPolicy.yaml").write_text("name: sutazai\nruntime: python\nversion: 0.2.0\n", encoding="utf-8")

    done = project.preview(GOOD, "--policy-pack-config", str(PACK / "config/prod.json"), pack=pack)

    assert done.code == 0, done.output
    assert "tier 1: 1 container requests" in done.output


def test_an_update_that_skips_its_preview_makes_no_unsafe_container(project: HandMade) -> None:
    name = f"policy-test-{os.getpid()}"
    project.preview(GOOD)
    project.program(f"""
    import pulumi_docker as docker
    docker.Container("evil", name="{name}", image="debian:bookworm-slim", privileged=True)
    """)

    done = project.pulumi("up", "--yes", "--skip-preview", "--policy-pack", str(PACK))

    assert done.code != 0
    assert "evil is privileged" in done.output
    client = docker.from_env()
    assert client.containers.list(all=True, filters={"name": name}) == []
    client.close()


def test_a_state_is_analyzed_without_its_program(project: HandMade) -> None:
    project.pulumi("stack", "init", "prod")
    bad = state_with(project, {"name": "cache", "image": "redis", "privileged": True, "user": "0"})

    done = project.pulumi("policy", "analyze", "--file", str(bad), "--policy-pack", str(PACK))

    assert done.code != 0
    assert "cache is privileged" in done.output
    assert "root-user" in done.output


def test_a_deployed_stack_is_analyzed_from_its_backend(project: HandMade) -> None:
    project.preview("import pulumi\npulumi.export('nothing', 1)\n")
    assert project.pulumi("up", "--yes", "--skip-preview").code == 0

    done = project.pulumi("policy", "analyze", "--stack", "prod", "--policy-pack", str(PACK))

    assert done.code == 0, done.output
    assert "host: 0 containers request 0 of 10 cores" in done.output


def test_the_automation_api_is_stopped_too(project: HandMade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", project.environment["PATH"])
    project.preview(GOOD)
    project.program(GOOD.replace('"cache"', '"cache", privileged=True'))
    stack = automation.select_stack(
        "prod",
        work_dir=str(project.folder),
        opts=automation.LocalWorkspaceOptions(env_vars=project.environment),
    )

    with pytest.raises(automation.CommandError, match="cache is privileged"):
        stack.preview(policy_packs=[str(PACK)])


def test_the_recipe_for_ci_makes_a_comment_of_a_refused_preview(project: HandMade) -> None:
    project.preview(GOOD)
    project.program(GOOD.replace('"cache"', '"cache", privileged=True'))
    done = project.pulumi(
        "preview", "--json", "--policy-pack", str(PACK), PULUMI_ENABLE_STREAMING_JSON_PREVIEW="true"
    )
    events = project.folder / "events.jsonl"
    events.write_text(done.output, encoding="utf-8")

    comment = subprocess.run(
        [sys.executable, "-m", "sutazai_policy", "report", str(events), "--title", "prod"],
        env={**os.environ, "PYTHONPATH": str(PACK)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert done.code != 0
    assert comment.startswith("### prod\n\n**Blocked by 1 violation.**\n\n| budget | what it holds | fullest |\n")
    assert "#### privileged\n\n- cache is privileged, so" in comment
    assert "rules passed</summary>" in comment


def test_the_pack_is_a_package_of_its_own(tmp_path: Path) -> None:
    """Installed into an empty environment it brings all that it needs, and nothing of the program."""
    target = tmp_path / "venv"
    uv = shutil.which("uv") or pytest.fail("no `uv` on PATH")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(target)], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", str(target), str(PACK)], check=True)

    listed = subprocess.run(
        [
            target / "bin/python",
            "-m",
            "sutazai_policy",
            "config",
            "prod",
            "--file",
            str(ROOT / "policy/stacks.yaml"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert json.loads(listed)["host-budget"]["host"] == {"cores": 12, "memory_mib": 30085}
