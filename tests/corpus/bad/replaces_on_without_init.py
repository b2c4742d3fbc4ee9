"""The label holds the health check's digest; `init` came later."""

from tests.corpus.citizens import container

EXPECT = {"rule": "applied-on-change", "who": "redis", "says": "sutazai.replaces-on"}

container("redis", init=True)
