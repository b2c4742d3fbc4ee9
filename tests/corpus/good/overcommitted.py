"""Limits may add up to one and a half times the host, and a tier's likewise, as the operator says."""

from tests.corpus.citizens import container, memory

CONFIG = {"host-budget": {"overcommit": 1.5}, "tier-quotas": {"overcommit": 1.5}}

container("cache", **memory(64, 12000))
container("search", **memory(64, 12000))
container("agent", "agents", **memory(64, 12000))
