"""The sensor may be privileged. A second container calls itself sensor, too, to be allowed the same."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}
CONFIG = {
    "privileged": {
        "exceptions": [{"service": "sensor", "reason": "reads the machine's sensors", "expires": "in 30 days"}]
    }
}

container("sensor", privileged=True)
container("redis", labels=labels_of("sensor"), privileged=True)
