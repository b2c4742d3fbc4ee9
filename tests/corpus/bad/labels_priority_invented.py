"""Everybody would like to be urgent."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "redis", "says": "urgent"}

container("redis", labels=labels_of("redis", priority="urgent"))
