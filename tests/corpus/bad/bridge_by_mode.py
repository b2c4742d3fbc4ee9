"""The default bridge, by its name."""

from tests.corpus.citizens import container

EXPECT = {"rule": "default-bridge", "who": "redis", "says": "bridge"}

container("redis", network_mode="bridge", networks_advanced=None)
