"""An empty user is none."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "user"}

container("redis", user="")
