"""One service may be what others may not, for a reason and a time."""

from tests.corpus.citizens import container

CONFIG = {
    "privileged": {
        "exceptions": [{"service": "sensor", "reason": "reads the machine's sensors", "expires": "in 30 days"}]
    }
}

container("cache")
container("sensor", privileged=True)
