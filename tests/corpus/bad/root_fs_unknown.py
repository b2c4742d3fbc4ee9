"""Whether it is writable is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "read-only-root", "who": "redis", "says": "unknown"}

container("redis", read_only=unknown(True))
