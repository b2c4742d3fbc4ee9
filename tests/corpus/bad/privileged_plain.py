"""A privileged container is root on the host."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}

container("redis", privileged=True)
