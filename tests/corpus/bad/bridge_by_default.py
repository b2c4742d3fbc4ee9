"""No network is named, so it is the default bridge, where everybody's containers meet."""

from tests.corpus.citizens import container

EXPECT = {"rule": "default-bridge", "who": "redis", "says": "network"}

container("redis", network_mode=None, networks_advanced=None)
