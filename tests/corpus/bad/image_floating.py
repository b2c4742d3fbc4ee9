"""A tag without a number moves."""

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "proxy", "says": "stable-alpine"}

container("proxy", image="nginx:stable-alpine")
