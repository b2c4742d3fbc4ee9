"""A Swarm task of `main`."""

from tests.corpus.citizens import service

EXPECT = {"rule": "image-pinned", "who": "backend", "says": "main"}

service("backend", spec={"image": "registry.example.org/shop/backend:main"})
