"""`-1` is Docker's word for a file without an end."""

from tests.corpus.citizens import container

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "max-size"}

container("redis", log_opts={"max-size": "-1", "max-file": "3"})
