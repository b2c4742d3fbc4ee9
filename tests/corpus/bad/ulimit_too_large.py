"""More processes than may be."""

from tests.corpus.citizens import container

EXPECT = {"rule": "ulimits", "who": "redis", "says": ["nproc", "32768"]}

container("redis", ulimits=[{"name": "nproc", "soft": 1024, "hard": 32769}])
