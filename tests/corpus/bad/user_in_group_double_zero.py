"""00 is 0 among groups, too."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "00"}

container("redis", group_adds=["00"])
