"""A Swarm task as the image's user."""

from tests.corpus.citizens import service

EXPECT = {"rule": "root-user", "who": "redis", "says": "user"}

service("redis", spec={"user": None})
