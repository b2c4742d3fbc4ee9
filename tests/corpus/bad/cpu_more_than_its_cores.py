"""It requests 1.5 cores, and may run on one."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "1.5"}

container("redis", cpu_set="4", cpu_shares=1536)
