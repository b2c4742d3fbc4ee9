"""Two tools and an ML service, 5120 MiB together: exactly what they share."""

from tests.corpus.citizens import container, memory

container("builder", "tools", **memory(1024))
container("linter", "tools", **memory(1024))
container("embedder", "ml", cpu_shares=1024, **memory(3072))
