"""A size that nobody can read."""

from tests.corpus.citizens import container

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "max-size"}

container("redis", log_opts={"max-size": "small", "max-file": "3"})
