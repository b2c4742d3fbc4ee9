"""Agents reach the backend on a network of its own, as the operator declared."""

from tests.corpus.citizens import container, network

CONFIG = {"pool-links": {"links": {"backend": ["agents"]}}}

link = {"name": network("backend-link").name}
container("backend", networks_advanced=[{"name": network("infrastructure").name}, link])
container("cache")
container("agent", "agents", networks_advanced=[{"name": network("agents").name}, link])
