"""The mode is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "network-mode", "who": "redis", "says": "unknown"}

container("redis", network_mode=unknown("host"))
