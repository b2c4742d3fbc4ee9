"""The provider turns the text into a truth value."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}

container("redis", privileged="true")
