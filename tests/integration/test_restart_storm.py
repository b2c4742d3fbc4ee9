"""A dead dependency under agents: with the real system's settings they restart, with ours nobody does."""

from __future__ import annotations

import docker
import pytest

from tests.integration.storm_lab import StormLab

pytestmark = pytest.mark.engine

AGENTS = 6
OUTAGE_S = 10


def test_an_outage_starts_no_agent_again_and_all_register_after_it() -> None:
    client = docker.from_env()
    try:
        with StormLab.opened(client, "ours", AGENTS, heartbeat_s=2) as lab:
            storm = lab.outage(OUTAGE_S)
        assert (storm.starts, storm.registered) == (0, AGENTS)
    finally:
        client.close()


def test_with_the_real_systems_settings_the_same_outage_is_a_storm() -> None:
    client = docker.from_env()
    try:
        with StormLab.opened(client, "real", AGENTS, heartbeat_s=2) as lab:
            storm = lab.outage(OUTAGE_S)
        assert storm.starts > AGENTS
        assert storm.registered == AGENTS
    finally:
        client.close()
