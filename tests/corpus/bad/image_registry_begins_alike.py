"""A registry whose name begins like the trusted one's."""

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "registry.example.org.evil.example"}
CONFIG = {"image-pinned": {"registries": ["registry.example.org"]}}

container("redis", image="registry.example.org.evil.example/shop/part:1.4.2")
