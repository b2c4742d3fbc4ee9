"""A Swarm task whose hanging nobody would see."""

from tests.corpus.citizens import service

EXPECT = {"rule": "health-check", "who": "redis", "says": "healthcheck"}

service("redis", spec={"healthcheck": None})
