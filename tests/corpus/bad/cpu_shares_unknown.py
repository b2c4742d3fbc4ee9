"""How many shares is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "unknown"}

container("redis", cpu_shares=unknown(128))
