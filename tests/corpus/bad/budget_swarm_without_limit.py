"""A Swarm task without a memory limit may take the whole host."""

from tests.corpus.citizens import service

EXPECT = {"rule": "host-budget", "who": "redis", "says": "limit"}

service("redis", task={"resources": {"reservation": {"memory_bytes": 67108864, "nano_cpus": 125000000}}})
