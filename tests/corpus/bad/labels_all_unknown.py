"""The whole list of labels is another resource's output."""

from tests.corpus.citizens import container, labels_of, unknown

EXPECT = {"rule": "required-labels", "who": "redis", "says": "unknown"}

container("redis", replaces_on=None, labels=unknown(labels_of("redis")))
