"""Nobody would see that it hangs."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "healthcheck"}

container("redis", healthcheck=None, replaces_on=None)
