"""The host's network, put in where the stack's own belongs."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "host"}

container("redis", networks_advanced=[{"name": "host"}])
