"""Which cores is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "core-set-required", "who": "redis", "says": "unknown"}

container("redis", cpu_set=unknown("2-7"))
