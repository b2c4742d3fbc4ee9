"""The operator requires pool cgroups, and it is in none."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-cgroup", "who": "redis", "says": "cgroupParent"}
CONFIG = {"pool-cgroup": {"cgroup_required": True}}

container("redis")
