"""The operator allows 64 MiB of swap, and it takes 65."""

from tests.corpus.citizens import container

EXPECT = {"rule": "memory-swap", "who": "redis", "says": "193"}
CONFIG = {"memory-swap": {"swap_allowance_mib": 64}}

container("redis", memory_swap=193)
