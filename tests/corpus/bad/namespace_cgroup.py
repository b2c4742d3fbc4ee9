"""The host's tree of cgroups."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-namespaces", "who": "redis", "says": "cgroupnsMode"}

container("redis", cgroupns_mode="host")
