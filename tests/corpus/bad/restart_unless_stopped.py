"""The same with another word."""

from tests.corpus.citizens import container

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": "unless-stopped"}

container("redis", restart="unless-stopped", max_retry_count=None)
