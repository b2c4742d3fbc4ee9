"""A pool that nobody declared has no budget."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "redis", "says": "databases"}

container("redis", labels=labels_of("redis", pool="databases"))
