"""An exception names a service; a star names none."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}
CONFIG = {"privileged": {"exceptions": [{"service": "*", "reason": "it is easier so", "expires": "in 30 days"}]}}

container("redis", privileged=True)
