"""Root, by number."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "0:0"}

container("redis", user="0:0")
