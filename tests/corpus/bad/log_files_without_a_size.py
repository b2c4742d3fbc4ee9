"""Three files, each without an end."""

from tests.corpus.citizens import container

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "max-size"}

container("redis", log_opts={"max-file": "3"})
