"""The root of all cgroups: nothing holds it there."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-cgroup", "who": "redis", "says": "system.slice"}

container("redis", cgroup_parent="system.slice")
