"""`2,,3` and a comma at the end."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-set-required", "who": "redis", "says": "2,,3,"}

container("redis", cpu_set="2,,3,")
