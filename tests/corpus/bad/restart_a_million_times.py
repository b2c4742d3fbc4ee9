"""Bounded, in theory."""

from tests.corpus.citizens import container

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": ["1000000", "5"]}

container("redis", max_retry_count=1000000)
