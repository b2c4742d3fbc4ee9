"""A Swarm task with the engine's default log driver."""

from tests.corpus.citizens import service

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "logDriver"}

service("redis", task={"log_driver": None})
