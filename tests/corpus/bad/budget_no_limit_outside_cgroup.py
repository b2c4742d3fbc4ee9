"""No memory limit, and no pool's cgroup around it: it may take the whole host."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "redis", "says": "limit"}

container("redis", memory=None, memory_swap=None)
