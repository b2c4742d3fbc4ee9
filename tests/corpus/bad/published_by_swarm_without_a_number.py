"""Swarm picks the port itself, and opens it all the same."""

from tests.corpus.citizens import service

EXPECT = {"rule": "published-ports", "who": "redis", "says": "6379"}

service("redis", endpoint_spec={"ports": [{"target_port": 6379, "publish_mode": "host"}]})
