"""All addresses, written out."""

from tests.corpus.citizens import container

EXPECT = {"rule": "published-ports", "who": "redis", "says": "6379"}

container("redis", ports=[{"internal": 6379, "external": 6379, "ip": "0:0:0:0:0:0:0:0"}])
