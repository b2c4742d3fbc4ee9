"""A core's number that no machine holds, let alone an array of cores."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-sets-on-host", "who": "redis", "says": "redis"}

container("redis", cpu_set="2,99999999999999999999999999")
