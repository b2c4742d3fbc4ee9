from __future__ import annotations

from pathlib import Path

import pytest
from workload.dispatch import Limits
from workload.settings import (
    AgentSettings,
    BackendSettings,
    FrontendSettings,
    Server,
    SettingsError,
    read_secret,
)


def test_a_backend_needs_no_settings_but_passwords() -> None:
    settings = BackendSettings.parse({})
    assert settings.postgres == Server("postgres", 5432, None)
    assert settings.redis == Server("redis", 6379, None)
    assert (settings.port, settings.user, settings.database) == (8000, "sutazai", "sutazai")
    assert settings.limits == Limits()


def test_every_setting_of_a_backend_is_read() -> None:
    settings = BackendSettings.parse(
        {
            "PORT": "9000",
            "POSTGRES_HOST": "pgbouncer",
            "POSTGRES_PORT": "6432",
            "POSTGRES_USER": "u",
            "POSTGRES_DB": "d",
            "POSTGRES_PASSWORD_FILE": "/run/secrets/p",
            "REDIS_HOST": "r",
            "QUEUE_LIMIT": "7",
            "VISIBILITY_TIMEOUT_SECONDS": "8",
            "DRAIN_SECONDS": "3",
        }
    )
    assert settings.postgres == Server("pgbouncer", 6432, "/run/secrets/p")
    assert (settings.port, settings.user, settings.database, settings.redis.host) == (9000, "u", "d", "r")
    assert (settings.limits.queued_per_type, settings.limits.visibility_seconds) == (7, 8.0)
    assert (settings.sweep_seconds, settings.drain_seconds) == (2.0, 3.0)


def test_a_claim_outlasts_two_heartbeats_by_default() -> None:
    agent = AgentSettings.parse({"AGENT_NAME": "a", "AGENT_TYPE": "t"})
    assert Limits().visibility_seconds > 2 * agent.heartbeat_seconds


def test_an_agent_polls_as_often_as_the_real_systems_and_beats_more_often() -> None:
    agent = AgentSettings.parse({"AGENT_NAME": "a", "AGENT_TYPE": "t"})
    assert (agent.idle_poll_seconds, agent.heartbeat_seconds, agent.shutdown_seconds) == (5, 10, 30)
    assert (agent.port, agent.backend_url) == (8080, "http://backend:8000")


def test_an_agent_needs_a_name() -> None:
    with pytest.raises(SettingsError, match="AGENT_NAME: is not set"):
        AgentSettings.parse({"AGENT_TYPE": "t"})


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", ""])
def test_a_port_must_be_one(text: str) -> None:
    with pytest.raises(SettingsError, match=f"PORT: must be a port from 1 to 65535, not {text!r}"):
        FrontendSettings.parse({"PORT": text})


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "soon"])
def test_a_number_must_be_positive(text: str) -> None:
    with pytest.raises(SettingsError, match=f"QUEUE_LIMIT: must be a number above 0, not {text!r}"):
        BackendSettings.parse({"QUEUE_LIMIT": text})


def test_a_secret_is_read_without_its_newline(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(" s3cret \n")
    assert read_secret(str(file)) == " s3cret "
    assert read_secret(None) is None
