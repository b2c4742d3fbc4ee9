"""Docker reads a count of 0 as no count."""

from tests.corpus.citizens import container

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": "maxRetryCount"}

container("redis", max_retry_count=0)
