"""A slip of a unit: GiB for MiB, in the pool's own cgroup, which holds the sum."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-limits-on-host", "who": "agent", "says": "of a host that has"}

container("agent", "agents", memory=262144, memory_swap=262144)
