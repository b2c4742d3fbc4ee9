"""A Swarm task on the host's network."""

from tests.corpus.citizens import service

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "host"}

service("redis", task={"networks_advanceds": [{"name": "host"}]})
