"""Docker gives 1024 shares to who asks for none, which is more than most others have."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "1024"}

container("redis", cpu_shares=None)
