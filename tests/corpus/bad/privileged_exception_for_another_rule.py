"""That its root file system may be written doesn't make it privileged."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}
CONFIG = {
    "read-only-root": {
        "exceptions": [{"service": "redis", "reason": "writes where it likes", "expires": "in 30 days"}]
    }
}

container("redis", privileged=True, read_only=False)
