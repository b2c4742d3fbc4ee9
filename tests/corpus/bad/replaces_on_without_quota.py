"""The label holds the health check's digest; the quota came later."""

from tests.corpus.citizens import container

EXPECT = {"rule": "applied-on-change", "who": "redis", "says": "sutazai.replaces-on"}

container("redis", cpu_quota=50000, cpu_period=100000)
