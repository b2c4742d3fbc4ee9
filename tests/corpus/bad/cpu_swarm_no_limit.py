"""A Swarm task that may use any number of cores."""

from tests.corpus.citizens import service

EXPECT = {"rule": "cpu-request", "who": "redis", "says": "limits"}

service(
    "redis",
    task={
        "resources": {
            "reservation": {"memory_bytes": 67108864, "nano_cpus": 125000000},
            "limits": {"memory_bytes": 134217728},
        }
    },
)
