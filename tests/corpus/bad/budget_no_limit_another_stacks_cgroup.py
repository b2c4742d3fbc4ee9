"""No memory limit, in the cgroup of another stack's pool: its memory isn't this stack's budget."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "redis", "says": "limit"}

container("redis", memory=None, memory_swap=None, cgroup_parent="/sutazai/dev/infrastructure")
