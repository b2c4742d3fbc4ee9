"""An exception ends when it says."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}
CONFIG = {
    "privileged": {"exceptions": [{"service": "redis", "reason": "until the new kernel", "expires": "in -2 days"}]}
}

container("redis", privileged=True)
