"""Without a user it is the image's, and that is root in most."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "user"}

container("redis", user=None)
