"""The operator lets the shop's own images float; this is another's."""

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "latest"}
CONFIG = {"image-pinned": {"allowed": ["registry.example.org/shop/*"]}}

container("redis", image="registry.example.com/shop/redis:latest")
