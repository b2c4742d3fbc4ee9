"""It is labelled ml and sits in infrastructure's cgroup: its memory is held to the wrong budget."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-cgroup", "who": "embedder", "says": "/sutazai/prod/infrastructure"}

container("embedder", "ml", cgroup_parent="/sutazai/prod/infrastructure")
