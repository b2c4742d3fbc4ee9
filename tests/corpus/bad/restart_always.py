"""It comes back for ever, however it crashes."""

from tests.corpus.citizens import container

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": "always"}

container("redis", restart="always", max_retry_count=None)
