"""The systemd way to write it, and another pool's."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-cgroup", "who": "embedder", "says": "sutazai-prod-agents.slice"}

container("embedder", "ml", cgroup_parent="sutazai-prod-agents.slice")
