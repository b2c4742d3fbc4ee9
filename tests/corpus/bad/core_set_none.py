"""Without a core set it may run anywhere, on the system's cores, too."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-set-required", "who": "redis", "says": "cpuSet"}

container("redis", cpu_set=None)
