"""An embedder on the cores of the backend, which has to answer in time."""

from tests.corpus.citizens import container

EXPECT = {"rule": "anti-affinity", "who": "embedder", "says": "backend"}

container("backend", cpu_set="8-9")
container("embedder", "ml", cpu_set="9-10")
