"""Swarm opens a port on every address of every node."""

from tests.corpus.citizens import service

EXPECT = {"rule": "published-ports", "who": "redis", "says": "6379"}

service("redis", endpoint_spec={"ports": [{"target_port": 6379, "published_port": 6379}]})
