"""No memory limit, in a cgroup that sounds like a pool's: Docker makes it on the way, without any limit."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "redis", "says": "limit"}

container("redis", memory=None, memory_swap=None, cgroup_parent="/sutazai/prod/infrastructures")
