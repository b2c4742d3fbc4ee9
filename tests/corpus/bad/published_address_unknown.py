"""On which address is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "published-ports", "who": "redis", "says": "unknown"}

container("redis", ports=[{"internal": 6379, "external": 6379, "ip": unknown("127.0.0.1")}])
