"""A Swarm task without a memory limit."""

from tests.corpus.citizens import service

EXPECT = {"rule": "memory-limit", "who": "redis", "says": "memoryBytes"}

service(
    "redis",
    task={
        "resources": {
            "reservation": {"memory_bytes": 67108864, "nano_cpus": 125000000},
            "limits": {"nano_cpus": 500000000},
        }
    },
)
