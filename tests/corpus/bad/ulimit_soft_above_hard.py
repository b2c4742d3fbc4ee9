"""The engine refuses it when it is started."""

from tests.corpus.citizens import container

EXPECT = {"rule": "ulimits", "who": "redis", "says": "nofile"}

container("redis", ulimits=[{"name": "nofile", "soft": 2048, "hard": 1024}])
