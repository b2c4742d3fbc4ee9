"""A Swarm task that shares more memory than it has."""

from tests.corpus.citizens import service

EXPECT = {"rule": "sysctls", "who": "ledger", "says": "kernel.shmmax"}

service("ledger", spec={"sysctl": {"kernel.shmmax": "68719476736"}})
