"""00 is 0."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "00"}

container("redis", user="00")
