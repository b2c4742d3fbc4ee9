"""Whether it is privileged is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "privileged", "who": "redis", "says": "unknown"}

container("redis", privileged=unknown(True))
