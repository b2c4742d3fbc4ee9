"""Bad input to the real program, under the real engine: one clear message, a failure, and nothing changed."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.pulumi_project import Done
from tests.integration.stack_lab import CORE, StackLab, free_port, state_of

pytestmark = pytest.mark.engine

ALONE: dict[str, Any] = {"services": {"only": ["frontend"]}, "agents": "0"}
NO_ENGINE = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}


@pytest.fixture(scope="module")
def refusing(swept: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackLab]:
    """Return a stack that no test deploys."""
    del swept
    with StackLab.opened(tmp_path_factory.mktemp("refusing")) as opened:
        yield opened


def refusal(lab: StackLab, *, environment: dict[str, str] | None = None, **settings: Any) -> list[str]:
    """Try to update, without a preview; return what was said. Fails when anything is left on the engine."""
    lab.configure(**{**ALONE, **settings})
    done = lab.pulumi("up", "--yes", "--skip-preview", **(environment or {}))
    assert done.code != 0, done.output
    assert lab.remains() == []
    return said(done)


def said(done: Done) -> list[str]:
    """Return the errors, without the engine's own remark that the program failed."""
    assert "Traceback" not in done.output
    _, _, diagnostics = done.output.partition("Diagnostics:")
    told, _, _ = diagnostics.partition("Resources:")
    lines = [line.strip().removeprefix("error: ") for line in told.splitlines() if line.startswith("    ")]
    return [line for line in lines if line and "program exited with non-zero exit code" not in line]


def test_an_unknown_key_is_refused_with_its_path(refusing: StackLab) -> None:
    assert refusal(refusing, overrides={"frontend": {"memory_limt": "1Gi"}}) == [
        f"stack {refusing.stack}: sutazai-infra:overrides/frontend/memory_limt: unknown key "
        "(did you mean 'memory_limit'?)"
    ]


def test_an_unknown_service_is_refused_with_its_path(refusing: StackLab) -> None:
    assert refusal(refusing, services={"only": ["frontendd"]}) == [
        "settings: services/only: the catalogue has no service 'frontendd' (did you mean 'frontend'?)"
    ]


def test_a_core_outside_the_host_is_refused(refusing: StackLab) -> None:
    host = {"cores": 4, "memory": "8Gi", "reserved_cores": "0,7"}

    assert refusal(refusing, host=host) == [
        f"stack {refusing.stack}: sutazai-infra:host: reserved_cores: core 7 is outside the host's 0-3"
    ]


def test_a_negative_limit_is_refused(refusing: StackLab) -> None:
    assert refusal(refusing, overrides={"frontend": {"memory_limit": "-1Gi"}}) == [
        f"stack {refusing.stack}: sutazai-infra:overrides/frontend/memory_limit: '-1Gi' is negative: "
        "memory must be zero or more"
    ]


def test_a_host_too_small_is_refused_with_the_sums(refusing: StackLab) -> None:
    reserves = {"reserved_cores": "", "system_reserve": "1Gi", "emergency_reserve": "1Gi"}
    lines = refusal(
        refusing,
        host={"cores": 1, "memory": "3Gi", **reserves},
        fit="refuse",
        share="1",
        services={"only": ["postgres", "redis"]},
    )

    # Of the reference host's 27648 usable MiB, this one has 1024.
    assert (
        "tier 1 requests 1472 MiB of 530 MiB (postgres 1024, redis 448): "
        "lower a request, or raise tiers.1.request_memory"
    ) in lines


def test_a_host_larger_than_the_engines_is_refused(refusing: StackLab) -> None:
    cores = refusing.client.info()["NCPU"]

    assert refusal(refusing, host={"cores": cores + 1, "memory": "2Gi", "reserved_cores": "0"}) == [
        f"host: the stack declares {cores + 1} cores and the engine has {cores}; deploy it there"
    ]


def test_an_engine_that_does_not_answer_is_said(refusing: StackLab) -> None:
    assert refusal(refusing, environment=NO_ENGINE) == [
        "engine: no Docker engine answers at DOCKER_HOST or the default socket; start one (`make toolchain` "
        "installs and starts it), or set DOCKER_HOST"
    ]


def test_a_port_that_somebody_has_is_refused(refusing: StackLab) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]

        assert refusal(refusing, publish={"frontend": port}) == [
            f"publish/frontend: port {port} on 127.0.0.1 is taken by another process; choose another"
        ]


def test_a_container_of_nobody_with_a_name_of_the_stack_is_refused_and_left_alone(refusing: StackLab) -> None:
    name = f"sutazai-{refusing.stack}-frontend"
    images = refusing.client.images.list("sutazai/workload")
    foreign = refusing.client.containers.create(str(images[0].id), name=name)
    try:
        before = state_of(foreign)

        assert refusal(refusing) == [
            f"services/frontend: a container named {name} is there already (nobody's stack); "
            f"rename or remove it: docker rm -f {name}"
        ]
        assert state_of(foreign) == before
    finally:
        foreign.remove(force=True)


def test_a_volume_of_nobody_with_a_name_of_the_stack_is_refused_and_left_alone(refusing: StackLab) -> None:
    name = f"sutazai-{refusing.stack}-redis-data"
    volume = refusing.client.volumes.create(name)
    try:
        assert refusal(refusing, services={"only": ["redis"]}) == [
            f"volume {name} is there already and not of stack {refusing.stack}; "
            f"rename or remove it: docker volume rm {name}"
        ]
    finally:
        volume.remove()


def test_a_circle_of_dependencies_is_refused(swept: None, tmp_path: Path) -> None:
    del swept
    with StackLab.opened(tmp_path) as lab:
        services = "services/infrastructure.yaml"
        lab.edit(services, "depends_on: [pgbouncer, redis]", "depends_on: [pgbouncer, redis, frontend]")
        lab.edit(
            services, "after: [gateway]\n    command: [frontend]", "depends_on: [backend]\n    command: [frontend]"
        )

        assert refusal(lab, services={"only": list(CORE)}) == [
            "catalogue: services/backend/depends_on: a circle: backend -> frontend -> backend; remove one of them"
        ]


def test_a_refused_update_leaves_what_runs_as_it_is(lab: StackLab) -> None:
    lab.configure(**ALONE, publish={"frontend": free_port()})
    lab.up().worked()
    before = state_of(lab.container("frontend"))

    lab.configure(
        **ALONE, overrides={"frontend": {"memory_request": "64Gi", "memory_limit": "64Gi"}}, fit="refuse"
    )
    refused = lab.up()

    assert refused.code != 0
    assert "frontend may take 65536 MiB of " in " ".join(said(refused)), refused.output
    assert [c.name for c in lab.containers()] == [f"sutazai-{lab.stack}-frontend"]
    assert state_of(lab.container("frontend")) == before


def test_the_command_says_where_to_get_the_cli_when_there_is_none(refusing: StackLab) -> None:
    bare = os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"])
    done = refusing.run(sys.executable, "-m", "sutazai_infra", "preview", "--stack", refusing.stack, PATH=bare)

    assert done.code != 0
    assert done.lines == [
        'pulumi: not on PATH; `make toolchain` gets it, and `eval "$(make -s env)"` puts it there '
        "(or install it from https://www.pulumi.com/docs/install)"
    ]
