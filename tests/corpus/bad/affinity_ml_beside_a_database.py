"""An embedder on a database's cores."""

from tests.corpus.citizens import container

EXPECT = {"rule": "anti-affinity", "who": "embedder", "says": "redis"}

container("redis", image="redis:7.2.5", cpu_set="7-8")
container("embedder", "ml", cpu_set="8-11")
