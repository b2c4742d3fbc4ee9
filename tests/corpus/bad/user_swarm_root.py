"""A Swarm task as root."""

from tests.corpus.citizens import service

EXPECT = {"rule": "root-user", "who": "redis", "says": "root"}

service("redis", spec={"user": "root:root"})
