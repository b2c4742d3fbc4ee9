"""A set-uid program in the image would make it root again."""

from tests.corpus.citizens import container

EXPECT = {"rule": "no-new-privileges", "who": "redis", "says": "no-new-privileges"}

container("redis", security_opts=None)
