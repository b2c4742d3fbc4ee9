"""Zero shares mean the default, 1024."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "cpuShares"}

container("redis", cpu_shares=0)
