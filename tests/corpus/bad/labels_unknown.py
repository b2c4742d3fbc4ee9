"""The pool is another resource's output: whose budget it takes isn't known before."""

from tests.corpus.citizens import container, labels_of, unknown

EXPECT = {"rule": "required-labels", "who": "redis", "says": "sutazai.pool"}

container("redis", labels=labels_of("redis", pool=unknown("infrastructure")))
