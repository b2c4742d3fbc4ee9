"""The image's own check is switched off."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "NONE"}

container("redis", healthcheck={"tests": ["NONE"]})
