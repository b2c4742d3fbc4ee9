"""Not a core set."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-set-required", "who": "redis", "says": "all"}

container("redis", cpu_set="all")
