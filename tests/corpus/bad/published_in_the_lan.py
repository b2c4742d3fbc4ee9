"""An address of the host in its network."""

from tests.corpus.citizens import container

EXPECT = {"rule": "published-ports", "who": "redis", "says": "192.168.1.5"}

container("redis", ports=[{"internal": 6379, "external": 6379, "ip": "192.168.1.5"}])
