"""What is called `app` in the image may be number 0 there."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "app"}

container("redis", user="app")
