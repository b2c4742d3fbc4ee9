"""The kernel takes no fewer than two shares."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "cpuShares"}

container("redis", cpu_shares=1)
