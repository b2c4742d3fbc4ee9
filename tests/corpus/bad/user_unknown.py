"""Who it is is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "root-user", "who": "redis", "says": "unknown"}

container("redis", user=unknown("10001"))
