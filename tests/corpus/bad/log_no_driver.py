"""Without a driver it is the engine's default, which never rotates."""

from tests.corpus.citizens import container

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "never rotated"}

container("redis", log_driver=None, log_opts=None)
