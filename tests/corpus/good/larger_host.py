"""A host that the operator declares larger, and a stack that fits it alone."""

from tests.corpus.citizens import container, memory

CONFIG = {
    "host-budget": {"host": {"cores": 24, "memory_mib": 60170}},
    "cpu-feasible": {"host": {"cores": 24, "memory_mib": 60170}},
    "core-sets-on-host": {"host": {"cores": 24, "memory_mib": 60170}},
    "exclusive-cores": {"host": {"cores": 24, "memory_mib": 60170}},
    "tier-quotas": {"host": {"cores": 24, "memory_mib": 60170}},
    "tier-cores": {"host": {"cores": 24, "memory_mib": 60170}},
    "pool-capacity": {"host": {"cores": 24, "memory_mib": 60170}},
    "anti-affinity": {"host": {"cores": 24, "memory_mib": 60170}},
}

container("cache", cpu_set="4-15", cpu_shares=8192, **memory(20000))
container("embedder", "ml", cpu_set="20-23", cpu_shares=2048, **memory(9000))
