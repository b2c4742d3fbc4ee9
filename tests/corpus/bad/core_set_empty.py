"""An empty core set is none: Docker gives all cores."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-set-required", "who": "redis", "says": "cpuSet"}

container("redis", cpu_set="")
