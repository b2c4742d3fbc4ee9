"""How much is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "memory-limit", "who": "redis", "says": "unknown"}

container("redis", memory=unknown(128))
