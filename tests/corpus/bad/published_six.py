"""So is `::`."""

from tests.corpus.citizens import container

EXPECT = {"rule": "published-ports", "who": "redis", "says": "::"}

container("redis", ports=[{"internal": 6379, "external": 6379, "ip": "::"}])
