"""It requests half a core, and may use a quarter."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "0.25"}

container("redis", cpu_shares=512, cpus="0.25")
