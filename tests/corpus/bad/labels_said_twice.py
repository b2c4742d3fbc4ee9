"""The same label twice: the one that is read first says agents, and Docker keeps the other."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "redis", "says": "sutazai.tier"}

twice = [{"label": "sutazai.tier", "value": "3"}, *labels_of("redis")]
container("redis", labels=twice)
