"""A Swarm task for which no core is reserved."""

from tests.corpus.citizens import service

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "reservation"}

service(
    "redis",
    task={
        "resources": {
            "reservation": {"memory_bytes": 67108864},
            "limits": {"memory_bytes": 134217728, "nano_cpus": 500000000},
        }
    },
)
