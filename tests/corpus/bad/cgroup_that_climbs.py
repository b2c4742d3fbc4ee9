"""It begins like its own pool's cgroup, and ends in another's."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-cgroup", "who": "embedder", "says": "embedder"}

container("embedder", "ml", cgroup_parent="/sutazai/prod/ml/../infrastructure")
