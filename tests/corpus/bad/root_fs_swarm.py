"""A Swarm task whose root file system is writable."""

from tests.corpus.citizens import service

EXPECT = {"rule": "read-only-root", "who": "redis", "says": "readOnly"}

service("redis", spec={"read_only": False})
