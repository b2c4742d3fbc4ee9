"""`"1 "` looks like tier 1 and is another label."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "redis", "says": "tier"}

container("redis", labels=labels_of("redis", tier="1 "))
