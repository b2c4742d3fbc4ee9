"""A runtime that does what it likes before the container starts."""

from tests.corpus.citizens import container

EXPECT = {"rule": "devices", "who": "redis", "says": "runtime"}

container("redis", runtime="nvidia")
