"""A Swarm task with a log of 300 MiB."""

from tests.corpus.citizens import service

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "300"}

service("redis", task={"log_driver": {"name": "json-file", "options": {"max-size": "100m", "max-file": "3"}}})
