"""The operator gave two cores to the backend alone, and Redis, of the same pool, is on one of them."""

from tests.corpus.citizens import container

EXPECT = {"rule": "exclusive-cores", "who": "redis", "says": "5"}
CONFIG = {"exclusive-cores": {"exclusive": {"backend": "4-5"}}}

container("backend", cpu_set="4-5")
container("redis", cpu_set="5-6")
