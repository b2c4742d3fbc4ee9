"""The operator allows 64 MiB of swap."""

from tests.corpus.citizens import container

CONFIG = {"memory-swap": {"swap_allowance_mib": 64}}

container("cache", memory_swap=192)
container("search")
