"""As many open files as it likes."""

from tests.corpus.citizens import container

EXPECT = {"rule": "ulimits", "who": "redis", "says": "nofile"}

container("redis", ulimits=[{"name": "nofile", "soft": -1, "hard": -1}])
