"""Both want the name shop-redis: the second fails half-way through the update."""

from tests.corpus.citizens import container

EXPECT = {"rule": "unique-names", "who": "redis", "says": ["redis-too", "shop-redis"]}

container("redis")
container("redis-too", name="shop-redis")
