"""Labels are told apart by case: `sutazai.Tier` is none."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "redis", "says": "sutazai.tier"}

container("redis", labels=[*labels_of("redis", tier=None), {"label": "sutazai.Tier", "value": "1"}])
