"""Whoever gets in can leave something behind."""

from tests.corpus.citizens import container

EXPECT = {"rule": "read-only-root", "who": "redis", "says": "readOnly"}

container("redis", read_only=None)
