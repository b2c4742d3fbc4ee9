"""Which cgroup it is in is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "pool-cgroup", "who": "redis", "says": "unknown"}

container("redis", cgroup_parent=unknown("/sutazai/prod/infrastructure"))
