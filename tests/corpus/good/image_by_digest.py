"""By digest, with a tag that moves and with none."""

from tests.corpus.citizens import container

CONFIG = {"image-pinned": {"pin": "digest", "registries": ["docker.io", "registry.example.org:5000"]}}

container("cache", image="redis:latest@sha256:" + "ab" * 32)
container("backend", image="registry.example.org:5000/shop/backend@sha256:" + "cd" * 32)
