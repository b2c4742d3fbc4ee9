"""From 5 to 2 there is nothing."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-set-required", "who": "redis", "says": "5-2"}

container("redis", cpu_set="5-2")
