"""+0 is 0, too: the runtime reads a number with its sign."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "+0"}

container("redis", user="+0:10001")
