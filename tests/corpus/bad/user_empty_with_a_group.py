"""A group and no user: the user is then root."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": ":10001"}

container("redis", user=":10001")
