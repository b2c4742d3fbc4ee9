"""Ten files of a gigabyte."""

from tests.corpus.citizens import container

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "100"}

container("redis", log_opts={"max-size": "1g", "max-file": "10"})
