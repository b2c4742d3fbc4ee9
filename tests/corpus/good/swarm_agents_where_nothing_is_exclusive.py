"""Agents in Swarm: the operator says that no core is anybody's own."""

from typing import Any

from tests.corpus.citizens import service

CONFIG: dict[str, Any] = {"exclusive-cores": {"exclusive": {}}}

service("agent", "agents", replicas=4)
