"""What an update changes in place, what it replaces, and what it refuses: tried on the real engine."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from sutazai_infra.operations.hosts import container_names, detect_layout, prepare, undo
from tests.integration.stack_lab import StackLab, eventually, free_port, state_of

pytestmark = pytest.mark.engine

MIB = 1024 * 1024
ALONE = {"services": {"only": ["frontend"]}, "agents": "0"}
# Without `fit: scale`'s factors: as written is as deployed.
SMALL = {"cpu_request": "0.05", "memory_request": "64Mi", "memory_limit": "192Mi"}


def limits(container: Container) -> dict[str, Any]:
    container.reload()
    keys = ("CpusetCpus", "CpuShares", "Memory", "MemorySwap", "MemoryReservation")
    return {key: container.attrs["HostConfig"][key] for key in keys}


def health(container: Container) -> str:
    container.reload()
    return str(container.attrs["State"]["Health"]["Status"])


@pytest.fixture
def alone(lab: StackLab) -> StackLab:
    """Return a stack of one container, up."""
    lab.settings |= {**ALONE, "overrides": {"frontend": SMALL}, "publish": {"frontend": free_port()}}
    lab.configure()
    lab.up().worked()
    return lab


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has no other core set")
def test_core_set_weight_limit_and_request_change_while_the_process_runs_on(alone: StackLab) -> None:
    frontend = alone.container("frontend")
    before, process = limits(frontend), state_of(frontend)
    more = {"cpu_request": "0.1", "memory_request": "96Mi", "memory_limit": "256Mi"}

    # A second service takes a part of the cores.
    alone.configure(services={"only": ["frontend", "redis"]}, overrides={"frontend": more})
    alone.up().worked()

    after, row = limits(frontend), next(r for r in alone.plan()["services"] if r["name"] == "frontend")
    assert after == {
        "CpusetCpus": row["core_set"],
        "CpuShares": row["weight"],
        "Memory": 256 * MIB,
        "MemorySwap": 256 * MIB,
        "MemoryReservation": 96 * MIB,
    }
    assert not [key for key in before if before[key] == after[key]], (before, after)
    assert state_of(frontend) == process


def test_memory_is_lowered_in_place_down_to_what_is_used_and_no_further(alone: StackLab) -> None:
    frontend = alone.container("frontend")
    process = state_of(frontend)

    alone.configure(overrides={"frontend": {**SMALL, "memory_limit": "128Mi"}})
    alone.up().worked()
    assert limits(frontend)["Memory"] == limits(frontend)["MemorySwap"] == 128 * MIB

    alone.configure(overrides={"frontend": {**SMALL, "memory_request": "6Mi", "memory_limit": "6Mi"}})
    refused = alone.up()

    assert refused.code != 0
    assert re.search(
        r"error: services/frontend: uses (\d+) MiB of its new limit of 6 MiB; give it at least \1 MiB, or stop it "
        rf"first: docker stop sutazai-{alone.stack}-frontend\n",
        refused.output,
    ), refused.output
    assert limits(frontend)["Memory"] == 128 * MIB
    assert state_of(frontend) == process
    assert health(frontend) == "healthy"


def test_a_changed_health_check_takes_effect_and_a_broken_one_shows(alone: StackLab) -> None:
    before = state_of(alone.container("frontend"))
    alone.edit(
        "services/infrastructure.yaml",
        "http: {port: 8501, path: /health}\n      start_period: 60s",
        "http: {port: 8501, path: /nowhere}\n      start_period: 1s\n      retries: 1",
    )

    done = alone.up().worked()

    frontend = alone.container("frontend")
    assert done.changes == {"replace": 1}, done.output
    assert state_of(frontend)[0] != before[0]
    assert "/nowhere" in str(frontend.attrs["Config"]["Healthcheck"]["Test"])
    assert eventually(lambda: health(frontend) == "unhealthy")


def test_a_health_check_that_never_passes_fails_the_update_in_bounded_time(lab: StackLab) -> None:
    lab.edit(
        "services/infrastructure.yaml",
        "after: [gateway]\n    command: [frontend]",
        "depends_on: [redis]\n    command: [frontend]",
    )
    lab.edit(
        "services/infrastructure.yaml",
        "command: [redis-cli, -e, --no-auth-warning, --user, probe, --pass, any, ping]\n"
        "      interval: 10s\n      retries: 5\n      start_period: 60s",
        "command: [redis-cli, -e, --user, nobody, --pass, any, ping]\n"
        "      interval: 1s\n      retries: 1\n      timeout: 1s\n      start_period: 1s",
    )
    lab.configure(services={"only": ["frontend", "redis"]}, agents="0")

    started = time.monotonic()
    done = lab.up()

    assert done.code != 0
    assert time.monotonic() - started < 60
    assert "docker:index:Container (redis):" in done.lines
    assert "* container failed to be in healthy state" in done.lines
    assert health(lab.container("redis")) == "unhealthy"
    assert "frontend" not in {c.labels["sutazai.service"] for c in lab.containers()}


def test_destroy_leaves_nothing_of_the_stack_and_touches_no_other(alone: StackLab, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with StackLab.opened(other) as neighbour:
        neighbour.configure(**ALONE, publish={"frontend": free_port()})
        neighbour.up().worked()
        before = state_of(neighbour.container("frontend"))

        alone.pulumi("destroy", "--yes", "--skip-preview").worked()

        assert alone.remains() == []
        assert state_of(neighbour.container("frontend")) == before
        assert len(neighbour.remains()) == 2


def test_kept_data_is_protected_and_outlives_a_destroyed_stack(lab: StackLab) -> None:
    lab.configure(services={"only": ["redis"]}, agents="0", keep_data="true")
    lab.up().worked()

    refused = lab.pulumi("destroy", "--yes", "--skip-preview")
    lab.pulumi("state", "unprotect", "--all", "--yes").worked()
    lab.pulumi("destroy", "--yes", "--skip-preview").worked()

    assert refused.code != 0
    assert "cannot be deleted" in refused.output
    assert "because it is protected" in refused.output
    assert lab.remains() == [f"sutazai-{lab.stack}-redis-data"]
    # It is the stack's own, so the next one takes it up again.
    kept = lab.client.volumes.get(f"sutazai-{lab.stack}-redis-data").attrs["CreatedAt"]
    lab.up().worked()
    assert lab.client.volumes.get(f"sutazai-{lab.stack}-redis-data").attrs["CreatedAt"] == kept


@pytest.mark.skipif(os.geteuid() != 0, reason="pool cgroups take root")
def test_containers_sit_below_their_pools_cgroups_where_those_are_prepared(lab: StackLab) -> None:
    layout = detect_layout(lab.client.info())
    lab.configure(**ALONE, pool_cgroups="required")

    refused = lab.up()
    assert refused.code != 0
    assert (
        f"pool_cgroups: required, but not prepared on this host; run `sutazai host prepare --stack {lab.stack}` "
        "as root, or set pool_cgroups to auto"
    ) in refused.output
    assert lab.remains() == []

    pools = lab.pool_cgroups()
    try:
        prepare(layout, pools, names=container_names(lab.client))
        lab.up().worked()
        parent = lab.container("frontend").attrs["HostConfig"]["CgroupParent"]
        assert parent == next(p for p in pools if p.pool == "infrastructure").parent(systemd=layout.systemd)
        lab.pulumi("destroy", "--yes", "--skip-preview").worked()
    finally:
        _undo(lab.client, layout, lab.stack)


def _undo(client: docker.DockerClient, layout: Any, stack: str) -> None:
    for container in client.containers.list(all=True, filters={"label": f"sutazai.stack={stack}"}):
        container.remove(force=True)
    undo(layout, stack, names=container_names(client))
