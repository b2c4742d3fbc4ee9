"""Run an agent."""

from __future__ import annotations

import os

from workload import tasks
from workload.agent import Agent, Identity, Timing
from workload.agent_app import agent_app
from workload.client import Client
from workload.server import serve
from workload.settings import AgentSettings

__all__ = ["main"]


def main() -> None:
    """Serve until SIGTERM."""
    settings = AgentSettings.parse(os.environ)
    timing = Timing(settings.idle_poll_seconds, settings.heartbeat_seconds, settings.shutdown_seconds)
    identity = Identity(settings.name, settings.type, settings.role)
    agent = Agent(identity, Client(settings.backend_url), timing, tasks.run)
    serve(agent_app(agent), settings.port)
    if agent.abandoned:
        # Its thread can't be ended, and the interpreter would wait for it; the task is another agent's by now.
        os._exit(0)
