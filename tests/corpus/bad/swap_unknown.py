"""How much swap is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "memory-swap", "who": "redis", "says": "unknown"}

container("redis", memory_swap=unknown(128))
