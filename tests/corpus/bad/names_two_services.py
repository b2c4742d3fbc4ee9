"""Two Swarm services of one name."""

from tests.corpus.citizens import service

EXPECT = {"rule": "unique-names", "who": "redis-too", "says": "shop-redis"}

service("redis")
service("redis-too", name="shop-redis")
