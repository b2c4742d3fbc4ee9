"""It begins like a loopback address."""

from tests.corpus.citizens import container

EXPECT = {"rule": "published-ports", "who": "redis", "says": "128.0.0.1"}

container("redis", ports=[{"internal": 6379, "external": 6379, "ip": "128.0.0.1"}])
