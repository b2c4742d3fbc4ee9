"""The label holds the health check's digest; the tmpfs came later."""

from tests.corpus.citizens import container

EXPECT = {"rule": "applied-on-change", "who": "redis", "says": "sutazai.replaces-on"}

container("redis", tmpfs={"/tmp": "size=16m"})
