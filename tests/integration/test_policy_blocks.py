"""The policy pack in the real engine: it stops a hand-written stack, which knows nothing of the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

_PACK = Path(__file__).parents[2] / "policy"

_GOOD = """
import pulumi_docker as docker

def container(name, tier, **changes):
    settings = dict(
        image="debian:bookworm-slim", cpu_set="4-5", cpu_shares=512,
        memory=512, memory_swap=512, memory_reservation=448,
        labels=[docker.ContainerLabelArgs(label="sutazai.tier", value=tier)],
    )
    return docker.Container(name, **{**settings, **changes})

container("redis", "1")
container("agent", "2", cpu_set="10-11", cpu_shares=6, memory=256, memory_swap=256, memory_reservation=48)
"""

pytestmark = pytest.mark.engine


class HandMade:
    """A Pulumi project of its own, with its own state, previewed under the pack."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        state = folder / "state"
        state.mkdir()
        self._environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }
        self._environment.pop("PULUMI_STACK", None)
        (folder / "Pulumi.yaml").write_text("name: handmade\nruntime: python\n", encoding="utf-8")

    def preview(self, program: str, *options: str, stack: str = "shop") -> tuple[int, list[str]]:
        """Preview the program; returns the exit code and the lines of the output, without their indent."""
        (self._folder / "__main__.py").write_text(dedent(program), encoding="utf-8")
        self._pulumi("stack", "select", "--create", stack)
        done = self._pulumi("preview", "--color", "never", "--policy-pack", str(_PACK), *options)
        return done.returncode, [line.strip() for line in done.stdout.splitlines()]

    def config(self, **rules: dict[str, object]) -> str:
        """Write a policy configuration; returns its path."""
        path = self._folder / "policy-config.json"
        path.write_text(json.dumps({name.replace("_", "-"): given for name, given in rules.items()}))
        return str(path)

    def _pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", "--non-interactive", *arguments],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture
def project(tmp_path: Path) -> HandMade:
    """Return an empty project; fails, never skips, where there is no engine."""
    if shutil.which("pulumi") is None:
        pytest.fail('no `pulumi` on PATH: run `eval "$(python3 -m tools.toolchain env)"`, or `make test-engine`')
    return HandMade(tmp_path)


def test_a_stack_that_fits_passes(project: HandMade) -> None:
    code, lines = project.preview(_GOOD)

    assert code == 0, "\n".join(lines)
    assert any(line.startswith("✅ sutazai@v") for line in lines)
    assert not [line for line in lines if "[mandatory]" in line or "[advisory]" in line]


def test_one_gib_more_than_fits_is_stopped(project: HandMade) -> None:
    more = """
    for number in range(27):
        container(f"gib-{number:02}", "1", cpu_shares=2, memory=1024, memory_swap=1024, memory_reservation=1024)
    """

    code, lines = project.preview(_GOOD + dedent(more))

    assert code != 0
    assert (
        "the stack requests 28144 MiB of 27648 MiB usable memory"
        " (gib-00 1024, gib-01 1024, gib-02 1024, gib-03 1024, gib-04 1024, +24 more);"
        " evicted first: agent (priority 0), then redis (priority 0), then gib-00 (priority 0):"
        " lower memoryReservation, or raise host.memory_mib"
    ) in lines
    assert (
        "tier 1 requests 28096 MiB of 14336 MiB"
        " (gib-00 1024, gib-01 1024, gib-02 1024, gib-03 1024, gib-04 1024, +23 more):"
        " lower a request, or raise tiers.1.memory"
    ) in lines


def test_a_container_without_limits_is_stopped(project: HandMade) -> None:
    code, lines = project.preview(_GOOD + 'docker.Container("bare", image="debian:bookworm-slim")\n')

    assert code != 0
    for message in (
        'bare has no cpuSet, so it may run on any core: give it its cores, as in "4-5"',
        "bare has no cpuShares, so Docker gives it 1024, a whole core: set 1024 x the cores that it requests",
        "bare has no memory limit: set memory, in MB",
        "bare has no memoryReservation, so nothing is kept for it: set it to the memory that it needs, in MB",
        "bare has no memory limit and may take all 30085 MiB of the host: set its memory",
        "bare has no label sutazai.tier that is known before the update, so no quota holds it:"
        " label it, in plain text, with one of 1, 2, 3",
    ):
        assert message in lines


def test_a_lying_label_is_stopped(project: HandMade) -> None:
    liar = 'container("liar", "3", cpu_set="2-9", memory=4096, memory_swap=4096, memory_reservation=64)\n'

    code, lines = project.preview(_GOOD + liar)

    assert code != 0
    assert (
        "liar says that it is of tier 3 and may run on cores 2-7, but that tier has 8-11:"
        " narrow its cpuSet, label it with the tier that it is of, or widen tiers.3.core_set"
    ) in lines
    assert (
        "tier 3 may take 8 of 4 cores, on 2-9 (liar 8): narrow a cpuSet, lower cpus, or raise tiers.3.cpu_limit"
    ) in lines


def test_a_limit_that_the_preview_does_not_know_stops_it_and_is_no_advice(project: HandMade) -> None:
    late = """
    network = docker.Network("late")
    container("vague", "1", memory=network.id.apply(lambda _: 512))
    """

    code, lines = project.preview(_GOOD + dedent(late))

    assert code != 0
    assert (
        "vague has a memory that is unknown until the update runs:"
        " give a plain value, not another resource's output"
    ) in lines
    assert not [line for line in lines if "[advisory]" in line]


def test_the_policy_configuration_of_the_command_is_obeyed(project: HandMade) -> None:
    settings = project.config(
        tier_quotas={"tiers": {"1": {"memory": 400, "core_set": "4-5"}}, "host": "reference"},
        host_budget={"host": {"cores": 12, "memory_mib": "auto"}, "pool_cgroups": {"ml": None, "agents": 4096}},
    )

    code, lines = project.preview(_GOOD, "--policy-pack-config", settings)

    assert code != 0
    assert "tier 1 requests 448 MiB of 400 MiB (redis 448): lower a request, or raise tiers.1.memory" in lines


def test_the_stack_named_dev_is_held_to_this_machine(project: HandMade) -> None:
    cores = os.cpu_count() or 1
    stray = f'container("stray", "1", cpu_set="{cores}")\n'
    small = _GOOD.replace("4-5", "0").replace("10-11", "0").replace("cpu_shares=512", "cpu_shares=2")

    code, lines = project.preview(small + stray, stack="dev")

    assert code != 0
    hosts = "core 0" if cores == 1 else f"cores 0-{cores - 1}"
    assert f"stray may run on core {cores}, and the host has {hosts}: narrow its cpuSet" in lines
