"""The dev stack's services, deployed by the program: what Docker holds is what the plan says, and it works."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from docker.models.containers import Container

from tests.integration.image_lab import execute
from tests.integration.stack_lab import AGENTS, CORE, StackLab, eventually

pytestmark = pytest.mark.engine

MIB = 1024 * 1024


def planned(lab: StackLab) -> dict[str, dict[str, Any]]:
    return {
        f"sutazai-{lab.stack}-{row['name']}": row for row in lab.plan()["services"] if row["state"] == "resident"
    }


def running(lab: StackLab) -> dict[str, Container]:
    return {str(container.name): container for container in lab.containers(running=True)}


def when(text: str) -> datetime:
    return datetime.fromisoformat(f"{text[:19]}+00:00")


def healths(lab: StackLab) -> set[str]:
    return {container.attrs["State"]["Health"]["Status"] for container in running(lab).values()}


def test_every_service_runs_and_is_healthy(deployed: StackLab) -> None:
    assert set(running(deployed)) == {f"sutazai-{deployed.stack}-{name}" for name in (*CORE, *AGENTS)}
    assert eventually(lambda: healths(deployed) == {"healthy"}), healths(deployed)


def test_core_sets_weights_and_memory_are_the_plans(deployed: StackLab) -> None:
    rows = planned(deployed)
    for name, container in running(deployed).items():
        config, row = container.attrs["HostConfig"], rows[name]
        assert config["CpusetCpus"] == row["core_set"], name
        assert config["CpuShares"] == row["weight"], name
        assert config["Memory"] == row["memory_limit_mib"] * MIB, name
        assert config["MemorySwap"] == config["Memory"], name
        assert config["MemoryReservation"] == max(row["memory_request_mib"], 6) * MIB, name


def test_containers_run_without_rights(deployed: StackLab) -> None:
    for name, container in running(deployed).items():
        config = container.attrs["HostConfig"]
        assert config["CapDrop"] == ["ALL"], name
        assert not config["CapAdd"], name
        assert config["SecurityOpt"] == ["no-new-privileges:true"], name
        assert config["ReadonlyRootfs"], name
        assert not config["Privileged"], name
        assert container.attrs["Config"]["User"].split(":")[0] not in {"", "0", "root"}, name


def test_restarts_logs_and_stops_are_bounded(deployed: StackLab) -> None:
    for name, container in running(deployed).items():
        config = container.attrs["HostConfig"]
        assert config["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 5}, name
        assert config["LogConfig"] == {
            "Type": "json-file",
            "Config": {"max-file": "3", "max-size": "10m"},
        }, name
        assert container.attrs["Config"]["StopTimeout"] >= 10, name
    assert running(deployed)[f"sutazai-{deployed.stack}-postgres"].attrs["Config"]["StopSignal"] == "SIGINT"


def test_labels_say_who_a_container_is_and_nothing_of_the_plan(deployed: StackLab) -> None:
    labels = {k: v for k, v in deployed.container("backend").labels.items() if k.startswith("sutazai.")}

    assert re.fullmatch(r"[0-9a-f]{12}(-[0-9a-f]{12})?", labels.pop("sutazai.replaces-on"))
    assert labels == {
        "sutazai.stack": deployed.stack,
        "sutazai.service": "backend",
        "sutazai.instance": "backend",
        "sutazai.pool": "infrastructure",
        "sutazai.tier": "1",
        "sutazai.priority": "critical",
    }


def test_ports_are_published_on_the_loopback_only_and_only_those_of_the_settings(deployed: StackLab) -> None:
    bindings = [
        (str(container.name).removeprefix(f"sutazai-{deployed.stack}-"), bound["HostIp"], int(bound["HostPort"]))
        for container in running(deployed).values()
        for bounds in (container.attrs["HostConfig"]["PortBindings"] or {}).values()
        for bound in bounds
    ]
    expected = [(name, "127.0.0.1", port) for name, port in deployed.settings["publish"].items()]
    assert sorted(bindings) == sorted(expected)


def test_services_reach_only_whom_the_catalogue_links_them_to(deployed: StackLab) -> None:
    agent, backend = (deployed.container(name) for name in (AGENTS[0], "backend"))
    asks = "import socket, sys; print(socket.gethostbyname(sys.argv[1]))"

    assert execute(agent, "python3", "-c", asks, "gateway").returncode == 0
    for needed in ("redis", "pgbouncer"):
        assert execute(backend, "python3", "-c", asks, needed).returncode == 0
    assert "socket.gaierror" in execute(backend, "python3", "-c", asks, "postgres").stderr
    for beyond in ("backend", "postgres", "redis", "pgbouncer"):
        done = execute(agent, "python3", "-c", asks, beyond)
        assert done.returncode != 0, done.stdout
        assert "socket.gaierror" in done.stderr


def test_the_database_answers_the_pooler_and_not_even_the_backend_by_its_address(deployed: StackLab) -> None:
    networks = deployed.container("postgres").attrs["NetworkSettings"]["Networks"]
    (address,) = (network["IPAddress"] for network in networks.values())
    connects = "import socket, sys; socket.create_connection((sys.argv[1], 5432), 2)"

    assert execute(deployed.container("pgbouncer"), "pg_isready", "-q", "-h", address).returncode == 0
    for name in ("backend", AGENTS[0]):
        assert execute(deployed.container(name), "python3", "-c", connects, address).returncode != 0


def test_an_agent_can_not_connect_to_a_database_by_its_address(deployed: StackLab) -> None:
    networks = deployed.container("redis").attrs["NetworkSettings"]["Networks"]
    address = next(iter(networks.values()))["IPAddress"]
    connects = "import socket, sys; socket.create_connection((sys.argv[1], 6379), 2)"

    assert execute(deployed.container("backend"), "python3", "-c", connects, address).returncode == 0
    assert execute(deployed.container(AGENTS[0]), "python3", "-c", connects, address).returncode != 0


def test_no_secret_is_in_an_environment_or_shown_by_inspect(deployed: StackLab) -> None:
    values = deployed.secrets().values()

    assert values
    for name, container in running(deployed).items():
        shown = str(container.attrs)
        assert not [value for value in values if value in shown], name


def test_no_secret_is_in_plain_text_in_the_state_or_in_an_export(deployed: StackLab) -> None:
    exported = deployed.pulumi("stack", "export").worked().output
    states = [path.read_text() for path in (deployed.state / ".pulumi").rglob("*.json")]

    assert states
    for value in deployed.secrets().values():
        assert value not in exported
        assert not [text for text in states if value in text]


def test_secret_files_are_there_and_can_not_be_written(deployed: StackLab) -> None:
    backend = deployed.container("backend")

    password = execute(backend, "cat", "/run/secrets/redis_password").stdout
    assert password == deployed.secrets()["redis-password"]
    written = execute(backend, "sh", "-c", "echo x > /run/secrets/redis_password")
    assert written.returncode != 0
    assert "Read-only file system" in written.stderr
    assert {m["RW"] for m in backend.attrs["Mounts"] if m["Destination"].startswith("/run/secrets")} == {False}


def test_a_service_starts_when_what_it_needs_is_healthy(deployed: StackLab) -> None:
    started = {n: when(c.attrs["State"]["StartedAt"]) for n, c in running(deployed).items()}
    rows = planned(deployed)

    for name, row in rows.items():
        for needed in row["depends_on"]:
            assert started[name] >= started[f"sutazai-{deployed.stack}-{needed}"], (name, needed)
    # Health, not creation: the first probe of the needed one comes a whole interval after its start.
    for name, needed in (("pgbouncer", "postgres"), ("backend", "pgbouncer"), (AGENTS[0], "gateway")):
        waited = started[f"sutazai-{deployed.stack}-{name}"] - started[f"sutazai-{deployed.stack}-{needed}"]
        assert waited >= timedelta(milliseconds=rows[f"sutazai-{deployed.stack}-{needed}"]["probe_interval_ms"]), (
            name
        )


def test_a_posted_task_is_done_by_an_agent(deployed: StackLab) -> None:
    url = deployed.outputs()["urls"]["backend"]
    task = {"type": "orchestration", "payload": {"kind": "echo", "text": "hello"}}
    posted = httpx.post(f"{url}/api/v1/tasks", json=task, timeout=10).raise_for_status().json()

    def answer() -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{url}/api/v1/tasks/{posted['id']}", timeout=10).json()
        return found

    assert eventually(lambda: answer()["status"] == "done"), answer()
    assert answer()["result"] == {"echo": "hello"}


def test_the_frontend_shows_the_backends_health(deployed: StackLab) -> None:
    url = deployed.outputs()["urls"]["frontend"]

    assert httpx.get(f"{url}/health", timeout=10).status_code == 200


def test_a_second_update_changes_nothing(deployed: StackLab) -> None:
    assert deployed.up().worked().changes == {}


def test_nor_does_one_after_a_refresh_and_below_the_policy_pack(deployed: StackLab) -> None:
    done = deployed.pulumi("up", "--yes", "--refresh", *deployed.with_pack()).worked()

    assert done.changes == {}, done.output
    assert "[mandatory]" not in done.output
    assert "ledger" in done.output


def test_one_more_agent_moves_no_other(deployed: StackLab) -> None:
    before = {row["name"]: row["core_set"] for row in deployed.plan()["services"]}
    deployed.configure(agents=[*AGENTS, "ai-product-manager"])
    try:
        done = deployed.preview("--json").worked()
    finally:
        deployed.configure()

    steps = [step for step in json.loads(done.output)["steps"] if step["urn"].split("$")[-1].startswith("docker:")]
    changed = {step["urn"].rpartition("::")[2]: step for step in steps if step["op"] != "same"}
    assert changed.pop("ai-product-manager")["op"] == "create"
    assert {step["op"] for step in changed.values()} <= {"update"}, changed
    moved = [name for name, step in changed.items() if step["newState"]["inputs"]["cpuSet"] != before[name]]
    assert not moved
