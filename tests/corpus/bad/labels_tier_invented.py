"""There is no tier 0."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "redis", "says": "0"}

container("redis", labels=labels_of("redis", tier="0"))
