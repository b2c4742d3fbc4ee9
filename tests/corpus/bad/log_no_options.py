"""json-file without options grows until the disk is full."""

from tests.corpus.citizens import container

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "max-size"}

container("redis", log_opts=None)
