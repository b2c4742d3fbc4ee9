"""How it restarts is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": "unknown"}

container("redis", restart=unknown("always"), max_retry_count=None)
