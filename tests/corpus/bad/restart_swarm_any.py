"""Swarm starts it again whatever happened."""

from tests.corpus.citizens import service

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": "any"}

service("redis", task={"restart_policy": {"condition": "any", "max_attempts": 5}})
