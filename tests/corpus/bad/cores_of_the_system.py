"""Cores 0 and 1 are kept for the system."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-sets-on-host", "who": "redis", "says": ["redis", "1"]}

container("redis", cpu_set="1-3")
