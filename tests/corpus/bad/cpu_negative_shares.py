"""Fewer than nothing, to make room for others."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "cpuShares"}

container("redis", cpu_shares=-2048)
