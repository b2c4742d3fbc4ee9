"""Agents request one MiB more than their tier's 4096."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "tier-quotas", "who": "agent-two", "says": ["4097", "4096"]}

container("agent-one", "agents", **memory(2048))
container("agent-two", "agents", **memory(2049))
