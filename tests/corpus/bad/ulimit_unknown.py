"""How many is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "ulimits", "who": "redis", "says": "unknown"}

container("redis", ulimits=[{"name": "nofile", "soft": 1024, "hard": unknown(-1)}])
