"""Swarm, too, reads 0 as no count."""

from tests.corpus.citizens import service

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": "maxAttempts"}

service("redis", task={"restart_policy": {"condition": "on-failure", "max_attempts": 0}})
