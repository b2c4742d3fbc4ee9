"""Nobody in particular, and in root's group."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "0"}

container("redis", group_adds=["10002", "0"])
