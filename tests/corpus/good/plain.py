"""Two infrastructure services, an agent and one ML service, each as it should be."""

from tests.corpus.citizens import container

container("redis", image="redis:7.2.5")
container("backend", cpu_shares=512)
container("agent", "agents")
container("embedder", "ml")
