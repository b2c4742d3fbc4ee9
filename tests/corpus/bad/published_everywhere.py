"""Without an address a port is open on all of them."""

from tests.corpus.citizens import container

EXPECT = {"rule": "published-ports", "who": "redis", "says": "6379"}

container("redis", ports=[{"internal": 6379, "external": 6379}])
