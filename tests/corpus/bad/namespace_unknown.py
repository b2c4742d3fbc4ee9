"""Which namespace is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "pidMode"}

container("redis", pid_mode=unknown("host"))
