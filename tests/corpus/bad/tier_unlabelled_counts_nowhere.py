"""No label says of which tier it is, so no quota holds it."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "stray", "says": "sutazai.tier"}

container("stray", labels=labels_of("stray", tier=None))
