"""On failure, any number of times."""

from tests.corpus.citizens import container

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": "maxRetryCount"}

container("redis", max_retry_count=None)
