"""The default bridge, put in where the stack's own network belongs."""

from tests.corpus.citizens import container

EXPECT = {"rule": "default-bridge", "who": "redis", "says": "bridge"}

container("redis", networks_advanced=[{"name": "bridge"}])
