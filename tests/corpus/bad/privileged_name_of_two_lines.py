"""A name of two lines, to make a report look like another."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "is privileged"}

container("redis\nall is well", name="shop-redis", privileged=True)
