"""A range with three ends, which the provider lets through."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-set-required", "who": "redis", "says": "2-4-7"}

container("redis", cpu_set="2-4-7")
