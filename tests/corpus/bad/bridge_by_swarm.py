"""A Swarm service on no network of the stack's."""

from tests.corpus.citizens import service

EXPECT = {"rule": "default-bridge", "who": "redis", "says": "network"}

service("redis", task={"networks_advanceds": []})
