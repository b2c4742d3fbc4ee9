"""Redis gets its password where every process of the host may read it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "redis", "says": "command", "hides": "hunter2hunter2"}

container("redis", image="redis:7.2.5", command=["redis-server", "--requirepass", "hunter2hunter2"])
