"""A Swarm task for which nothing is kept."""

from tests.corpus.citizens import service

EXPECT = {"rule": "memory-reservation", "who": "redis", "says": "memoryBytes"}

service(
    "redis",
    task={
        "resources": {
            "reservation": {"nano_cpus": 125000000},
            "limits": {"memory_bytes": 134217728, "nano_cpus": 500000000},
        }
    },
)
