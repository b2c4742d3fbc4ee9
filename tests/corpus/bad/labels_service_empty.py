"""An empty service name names nobody."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "redis", "says": "sutazai.service"}

container("redis", labels=labels_of("redis", service=""))
