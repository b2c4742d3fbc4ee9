"""The health check was changed, the label was not: the running container keeps the old check."""

from tests.corpus.citizens import HEALTHCHECK, container

EXPECT = {"rule": "applied-on-change", "who": "redis", "says": "sutazai.replaces-on"}

container("redis", healthcheck={**HEALTHCHECK, "interval": "31s"})
