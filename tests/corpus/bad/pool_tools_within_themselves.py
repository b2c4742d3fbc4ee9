"""Tools may have 2048 MiB, though the buffer that they share with ML is larger."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "pool-capacity", "who": "linter", "says": ["tools", "2049", "2048"]}

container("linter", "tools", **memory(1025))
container("builder", "tools", **memory(1024))
