"""No memory limit, in a path that climbs out of the pool's cgroup again."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "redis", "says": "limit"}

container("redis", memory=None, memory_swap=None, cgroup_parent="/sutazai/prod/infrastructure/../../../redis")
