"""The options are known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "unknown"}

container("redis", log_opts=unknown({"max-size": "10m", "max-file": "3"}))
