"""Agents may reach the backend, as declared; this is the database."""

from tests.corpus.citizens import container, network

EXPECT = {"rule": "pool-links", "who": "ledger", "says": "agent"}
CONFIG = {"pool-links": {"links": {"backend": ["agents"]}}}

meeting = [{"name": network("meeting").name}]
container("ledger", image="postgres:16.4", networks_advanced=meeting)
container("agent", "agents", networks_advanced=meeting)
