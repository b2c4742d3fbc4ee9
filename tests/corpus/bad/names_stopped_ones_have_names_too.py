"""One of the two is stopped, and has its name all the same."""

from tests.corpus.citizens import container

EXPECT = {"rule": "unique-names", "who": "redis-too", "says": "shop-redis"}

container("redis")
container("redis-too", name="shop-redis", start=False, must_run=False, restart="no", max_retry_count=None)
