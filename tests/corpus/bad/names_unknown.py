"""What it will be called is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "unique-names", "who": "redis-too", "says": "unknown"}

container("redis")
container("redis-too", name=unknown("shop-redis"))
