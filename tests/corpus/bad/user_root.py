"""Root, by name."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "root"}

container("redis", user="root")
