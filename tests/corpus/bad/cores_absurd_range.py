"""Four thousand million cores, written in twelve characters; the check has to end."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-sets-on-host", "who": "redis", "says": "redis"}

container("redis", cpu_set="2-4294967295")
