"""Eleven Swarm replicas of one service."""

from tests.corpus.citizens import service

EXPECT = {"rule": "pool-ceilings", "who": "greeter", "says": ["11", "10"]}

service("greeter", replicas=11)
