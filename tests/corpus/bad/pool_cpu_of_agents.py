"""Agents request 4.5 cores: the operator raised their tier's quota, and their pool has 4."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-capacity", "who": "crowd", "says": ["agents", "4.5"]}
CONFIG = {"tier-quotas": {"tiers": {"2": {"cpu": 6, "cpu_limit": 6}}}}

container("crowd-one", "agents", cpu_set="8-11", cpu_shares=2304)
container("crowd-two", "agents", cpu_set="8-11", cpu_shares=2304)
