"""An exception is for the service that it names."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}
CONFIG = {
    "privileged": {
        "exceptions": [{"service": "sensor", "reason": "reads the machine's sensors", "expires": "in 30 days"}]
    }
}

container("redis", privileged=True)
