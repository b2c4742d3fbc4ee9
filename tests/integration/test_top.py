"""`sutazai top` on real containers: what uses, is throttled and is killed; and how it ends on a terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import docker
import pytest

from sutazai_infra.model.plan import Plan
from sutazai_infra.operations.images import build_images
from sutazai_infra.operations.top.frame import ServiceUse, frame
from sutazai_infra.operations.top.sampling import Sampler, local_cores
from tests.integration.image_lab import IMAGES, Lab, eventually
from tests.integration.stack_lab import StackLab
from tests.unit.render.plan_samples import sample_plan, service

pytestmark = pytest.mark.engine

LOOP = ["busybox", "sh", "-c", "while :; do :; done"]
# Its child takes too much, and it lives on.
BEARS = """
import subprocess, sys, time
time.sleep(4)
subprocess.run([sys.executable, '-c', 'x = bytearray(200 << 20)'])
time.sleep(600)
"""
HOLDS = "import signal; held = bytearray(40 << 20); signal.pause()"


class Burdened:
    """Three containers of a stack, and looks at them."""

    def __init__(self, client: docker.DockerClient, lab: Lab) -> None:
        self._lab = lab
        self.stack = ""
        busy: dict[str, Any] = {"nano_cpus": 100_000_000, "cpuset_cpus": "0"}
        for name, image, command, options in (
            ("busy", "python", LOOP, busy),
            ("holds", "python", ["python3", "-c", HOLDS], {}),
            ("bears", "python", ["python3", "-c", BEARS], {"memswap_limit": "64m"}),
        ):
            self._start(name, image, command, **options)
        names = ("busy", "holds", "bears")
        self.plan: Plan = sample_plan(services=[service(name, core_set="0") for name in names], ledger=[])
        self._sampler = Sampler(client, self.stack, self.plan, local_cores)
        self._sampler.look()

    def _start(self, name: str, image: str, command: list[str], **options: Any) -> None:
        # The lab's containers are named as a stack's are.
        stack = self.stack or self._lab.prefix.removeprefix("sutazai-")
        self.stack = stack
        labels = {"sutazai.stack": stack, "sutazai.instance": name}
        self._lab.run(image, name, command, memory=64, labels=labels, **options)

    def look(self) -> dict[str, ServiceUse]:
        """Return the services at one moment, by name."""
        busy, kills = self._sampler.cores(), self._sampler.kills()
        status = self._sampler.look()
        found = frame(self.plan, status, datetime.now(UTC), busy=busy, kills=kills)
        self.cores = found.cores
        return {one.instance: one for one in found.services}


@pytest.fixture(scope="module")
def burdened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Burdened]:
    client = docker.from_env()
    build_images(["python"], IMAGES, client)
    lab = Lab(client, tmp_path_factory.mktemp("secrets"))
    try:
        yield Burdened(client, lab)
    finally:
        lab.clean()
        client.close()


def test_who_burns_a_tenth_of_a_core_is_seen_to_and_to_be_throttled(burdened: Burdened) -> None:
    def burns() -> ServiceUse | None:
        busy = burdened.look()["busy"]
        return busy if (busy.throttled or 0) > 0.5 and (busy.cpu_cores or 0) > 0.05 else None

    busy = eventually(burns, 20)
    assert busy.cpu_cores is not None
    assert busy.cpu_cores < 0.2
    assert (busy.core_set, busy.core_count, busy.misplaced) == ("0", 1, False)


def test_memory_is_what_is_held_against_its_limit(burdened: Burdened) -> None:
    found = eventually(lambda: row if ((row := burdened.look()["holds"]).memory_mib or 0) > 40 else None, 20)
    assert found.memory_mib is not None
    assert found.memory_mib < 64
    assert found.oom_kills == 0


def test_a_kill_for_want_of_memory_is_counted_though_its_container_lives(burdened: Burdened) -> None:
    found = eventually(lambda: row if (row := burdened.look()["bears"]).oom_kills else None, 30)
    assert (found.oom_kills, found.restarts) == (1, 0)


def test_cores_of_this_machine_are_measured(burdened: Burdened) -> None:
    burdened.look()
    assert all(core.busy is not None and 0 <= core.busy <= 1 for core in burdened.cores[: os.cpu_count()])


def healthy(lab: StackLab) -> dict[str, Any] | None:
    """Nobody waits for the agents of a stack that is just up."""
    found: dict[str, Any] = json.loads(lab.run("sutazai", "top", "-s", lab.stack, "--json").worked().output)
    return found if all(row["health"] == "healthy" for row in found["services"]) else None


def test_a_deployed_stack_is_shown_to_programs_and_what_is_missing_is_said(deployed: StackLab) -> None:
    found = eventually(lambda: healthy(deployed), 60)
    rows = {row["instance"]: row for row in found["services"]}
    planned = {row["instance"]: row for row in deployed.plan()["services"] if row["state"] == "resident"}
    assert set(rows) == set(planned)
    for name, row in rows.items():
        assert row["core_set"] == planned[name]["core_set"]
        assert 0 < row["memory_mib"] < row["memory_limit_mib"]
        assert row["cpu_cores"] is not None
    assert {budget["scope"] for budget in found["budgets"]} >= {"tier 1", "tier 2", "pool infrastructure"}
    assert found["work"] is None
    (remark,) = found["remarks"]
    assert "it publishes neither its gateway nor Prometheus" in remark


def containers(lab: StackLab) -> int:
    """How many the plan has run."""
    return sum(row["state"] == "resident" for row in lab.plan()["services"])


def test_in_a_pipe_it_is_shown_once(deployed: StackLab) -> None:
    count = containers(deployed)
    lines = deployed.run("sutazai", "top", "-s", deployed.stack, "--sort", "memory").worked().lines
    assert lines[0].startswith(f"Stack {deployed.stack}, ")
    assert lines[0].split(": ")[1].startswith(f"{count} of {count} containers healthy")
    assert len([line for line in lines if " healthy " in f"{line} " and "/" not in line]) >= count


def test_on_a_terminal_it_is_drawn_until_ctrl_c_which_is_no_failure(deployed: StackLab) -> None:
    child, terminal = pty.fork()
    if not child:
        # Ignored by whoever runs tests in the background, which a child inherits.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(deployed.folder)
        command = ["sutazai", "top", "-s", deployed.stack, "--interval", "1"]
        os.execvpe(  # noqa: S606  a terminal of its own
            "sutazai", command, {**deployed.environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
        )
    drawn = _read_until(terminal, b"containers healthy", 60)
    os.kill(child, signal.SIGINT)
    drawn += _read_until(terminal, b"\x1b[?1049l", 60)
    count = containers(deployed)
    assert f"{count} of {count} containers healthy".encode() in drawn
    assert b"Traceback" not in drawn
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(terminal)


def _read_until(terminal: int, wanted: bytes, seconds: float) -> bytes:
    found, end = b"", time.monotonic() + seconds
    while wanted not in found and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            try:
                found += os.read(terminal, 65536)
            except OSError:  # its end is closed
                break
    assert wanted in found, found[-2000:]
    return found
