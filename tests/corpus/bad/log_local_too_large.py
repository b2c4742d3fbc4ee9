"""The driver `local` rotates by itself, unless it is told to do so after a terabyte."""

from tests.corpus.citizens import container

EXPECT = {"rule": "log-rotation", "who": "redis", "says": ["1024000", "100"]}

container("redis", log_driver="local", log_opts={"max-size": "100g", "max-file": "10"})
