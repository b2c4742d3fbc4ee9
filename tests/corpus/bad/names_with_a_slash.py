"""Docker takes a slash in front off a name: /shop-redis is shop-redis."""

from tests.corpus.citizens import container

EXPECT = {"rule": "unique-names", "who": "redis-too", "says": "shop-redis"}

container("redis")
container("redis-too", name="/shop-redis")
