"""The operator trusts one registry; without a name it is Docker Hub."""

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "registry.example.org"}
CONFIG = {"image-pinned": {"registries": ["registry.example.org"]}}

container("backend")
container("redis", image="redis:7.2.5")
