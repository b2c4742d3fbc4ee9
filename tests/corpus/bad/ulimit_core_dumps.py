"""A core dump holds whatever was in memory."""

from tests.corpus.citizens import container

EXPECT = {"rule": "ulimits", "who": "redis", "says": "core"}

container("redis", ulimits=[{"name": "core", "soft": 0, "hard": 1048576}])
