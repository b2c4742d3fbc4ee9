"""The host's network, every port of it."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "host"}

container("redis", network_mode="host", networks_advanced=None)
