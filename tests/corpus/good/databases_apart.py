"""Three databases on cores of their own, with the time that they need to stop; ML on others."""

from tests.corpus.citizens import container, memory

container("postgres", image="postgres:16.4", cpu_set="2-3", **memory(1024))
container("redis", image="redis:7.2.5", cpu_set="4")
container("neo4j", image="neo4j:5.20.0", cpu_set="5-6", destroy_grace_seconds=60, **memory(2048))
container("backend", cpu_set="2-7")
container("embedder", "ml", cpu_set="8-9")
