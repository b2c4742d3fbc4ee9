"""It says that it belongs to the stack `dev`, and this is `prod`: it would be counted nowhere."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "redis", "says": "dev"}

container("redis", labels=labels_of("redis", stack="dev"))
