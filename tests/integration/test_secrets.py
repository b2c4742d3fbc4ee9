"""Secrets of a running stack: seen nowhere, and exchanged for others, also by a command that is killed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from docker.models.containers import Container

from sutazai_infra.inputs.catalogue import load_catalogue
from sutazai_infra.inputs.certificates import LIFE, RENEWED_BEFORE, expiry, issued
from sutazai_infra.inputs.secretstore import change_secrets, read_secrets, store_path
from sutazai_infra.operations.secrets.postgres import PostgresRole
from tests.integration.data_lab import fed, is_served, over_tcp, pooled, redis_cli
from tests.integration.stack_lab import StackLab, eventually, state_of

pytestmark = pytest.mark.engine

PUBLIC = "ca-certificate"


@pytest.fixture
def store(working: StackLab, monkeypatch: pytest.MonkeyPatch) -> StackLab:
    """Have this process find the lab's secrets."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", working.environment["PULUMI_BACKEND_URL"])
    return working


def needles(lab: StackLab) -> Mapping[str, list[str]]:
    """What nobody may see of each secret: a password, or the lines of a private key."""
    entries = {**lab.secrets(), "ca-key": str(read_secrets(lab.stack)[PUBLIC].key)}
    del entries[PUBLIC]
    return {name: _lines(value) for name, value in entries.items()}


def _lines(value: str) -> list[str]:
    if "PRIVATE KEY" not in value:
        return [value]
    body = value.partition("PRIVATE KEY-----\n")[2].partition("-----END PRIVATE")[0]
    return body.split()


def leaks(lab: StackLab, where: str, text: str) -> list[str]:
    return [
        f"{name} in {where}" for name, values in needles(lab).items() if any(value in text for value in values)
    ]


def processes(container: Container) -> list[Path]:
    rows = container.top()["Processes"]
    return [Path("/proc") / row[1] for row in rows]


def runs(lab: StackLab) -> dict[str, tuple[str, int, str]]:
    """What tells one run of each of the stack's containers from another."""
    found = lab.containers(running=True)
    return {str(c.name).removeprefix(f"sutazai-{lab.stack}-"): state_of(c) for c in found}


def replaced(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    return {name for name in after if after[name] != before.get(name)}


def rotate(lab: StackLab, name: str) -> str:
    return lab.run("sutazai", "secrets", "rotate", name, "--stack", lab.stack, "--yes").worked().output


def test_the_database_gets_a_new_password_while_it_runs_and_the_old_one_is_refused(store: StackLab) -> None:
    old, before = store.secrets()["postgres-password"], runs(store)

    said = rotate(store, "postgres-password")

    new, after = store.secrets()["postgres-password"], runs(store)
    assert said.startswith(
        "postgres-password: version 1 -> 2\n  told while it runs: postgres\n  replaced: pgbouncer, backend\n"
    )
    assert old not in said
    assert new not in said
    assert replaced(before, after) == {"pgbouncer", "backend"}
    for asked in (pooled, over_tcp):
        assert asked(store, new, "SELECT line FROM kept") == "before\n"
        assert "authentication failed" in asked(store, old, "SELECT line FROM kept")
    assert is_served(store)


def test_the_queues_server_is_replaced_for_a_new_password_and_keeps_what_it_had(store: StackLab) -> None:
    old, before = store.secrets()["redis-password"], runs(store)

    rotate(store, "redis-password")

    assert replaced(before, runs(store)) == {"redis", "backend"}
    assert redis_cli(store, "GET kept") == ["before"]
    assert redis_cli(store, "GET kept", password=old) == [
        "WRONGPASS invalid username-password pair or user is disabled."
    ]
    assert is_served(store)


@pytest.mark.skipif(os.geteuid() != 0, reason="other users' processes can't be read")
def test_after_rotations_too_no_value_is_in_arguments_environments_logs_labels_or_files_of_the_state(
    store: StackLab,
) -> None:
    found: list[str] = []
    seen = 0
    for container in store.containers():
        found += leaks(store, f"{container.name}'s properties", str(container.attrs))
        found += leaks(store, f"{container.name}'s log", container.logs().decode(errors="replace"))
        for process in processes(container) if container.status == "running" else ():
            for file in ("cmdline", "environ"):
                seen += 1
                found += leaks(store, f"{container.name}: {file}", (process / file).read_bytes().decode())
    states = [path for path in (store.state / ".pulumi").rglob("*") if path.is_file()]
    for path in states:
        found += leaks(store, str(path), path.read_text(errors="replace"))

    assert found == []
    assert "SCRAM-SHA-256$" not in store.container("postgres").logs().decode()
    assert len(needles(store)) == len(load_catalogue(store.folder / "catalogue").secrets)
    assert seen > 10
    assert len(states) > 2


def test_a_certificate_is_issued_again_and_reaches_the_gateway_alone(store: StackLab) -> None:
    before, first = runs(store), store.secrets()["gateway-certificate"]

    said = rotate(store, "gateway-certificate")

    assert said.startswith("gateway-certificate: version 1 -> 2\n  replaced: gateway\n")
    assert replaced(before, runs(store)) == {"gateway"}
    now = fed(store.container("gateway"), ["cat", "/run/secrets/gateway.pem"], "").stdout
    assert now == store.secrets()["gateway-certificate"] != first
    authority = store.run("sutazai", "ca", "--stack", store.stack).worked().output
    certificate, ca = (x509.load_pem_x509_certificate(text.encode()) for text in (now, authority))
    certificate.verify_directly_issued_by(ca)


def test_a_certificate_that_is_due_is_renewed_by_an_update(store: StackLab) -> None:
    before, declared = runs(store), load_catalogue(store.folder / "catalogue").secrets
    with change_secrets(store.stack) as known:
        long_ago = datetime.now(UTC) - LIFE + RENEWED_BEFORE - timedelta(hours=1)
        known.update(issued(known, declared, store.stack, [], long_ago, again=frozenset({"gateway-certificate"})))
        due = known["gateway-certificate"]

    store.up().worked()

    assert replaced(before, runs(store)) == {"gateway"}
    now = read_secrets(store.stack)["gateway-certificate"]
    assert now.version == due.version + 1
    assert expiry(now.value) - datetime.now(UTC) > LIFE - timedelta(days=1)
    assert store.up().worked().changes == {}


def role(lab: StackLab) -> PostgresRole:
    return PostgresRole(lab.client, f"sutazai-{lab.stack}-postgres", "sutazai")


def test_a_command_that_is_killed_in_the_middle_is_finished_by_running_it_again(store: StackLab) -> None:
    first, path = read_secrets(store.stack)["postgres-password"], store_path(store.stack)
    command = ("sutazai", "secrets", "rotate", "postgres-password", "--stack", store.stack, "--yes")
    killed = subprocess.Popen(
        command, cwd=store.folder, env=store.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    written = path.stat().st_mtime_ns
    assert eventually(lambda: path.stat().st_mtime_ns != written)
    killed.kill()
    killed.wait()

    rotate(store, "postgres-password")

    now = read_secrets(store.stack)["postgres-password"]
    assert now.pending is None
    assert now.version > first.version
    assert pooled(store, now.value, "SELECT line FROM kept") == "before\n"
    assert "authentication failed" in over_tcp(store, first.value, "SELECT 1")


def test_killed_after_the_server_was_told_an_update_brings_the_value_to_who_asks(store: StackLab) -> None:
    with change_secrets(store.stack) as known:
        kept = known["postgres-password"]
        known["postgres-password"] = kept.model_copy(update={"pending": "told-already"})
    role(store).tell("told-already")
    assert "authentication failed" in over_tcp(store, kept.value, "SELECT 1")

    done = store.run("sutazai", "up", "--stack", store.stack, "--yes").worked()

    assert "postgres-password: its interrupted rotation is finished" in done.output
    assert pooled(store, "told-already", "SELECT line FROM kept") == "before\n"
    assert is_served(store)


def test_with_the_server_gone_in_between_an_update_still_finds_the_value_in_force(store: StackLab) -> None:
    """No server is there that could be told or asked, and the services' value is no longer in force."""
    with change_secrets(store.stack) as known:
        kept = known["postgres-password"]
        known["postgres-password"] = kept.model_copy(update={"pending": "told-and-gone"})
    role(store).tell("told-and-gone")
    store.container("postgres").remove(force=True)

    done = store.run("sutazai", "up", "--stack", store.stack, "--yes").worked()

    assert "postgres-password: its interrupted rotation is finished" in done.output
    assert pooled(store, "told-and-gone", "SELECT line FROM kept") == "before\n"
    assert eventually(lambda: is_served(store))
