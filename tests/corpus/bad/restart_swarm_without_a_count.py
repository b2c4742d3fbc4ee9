"""On failure, any number of times."""

from tests.corpus.citizens import service

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": "maxAttempts"}

service("redis", task={"restart_policy": {"condition": "on-failure"}})
