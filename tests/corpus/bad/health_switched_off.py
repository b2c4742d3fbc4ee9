"""The image's own check is switched off."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "NONE"}

container("redis", replaces_on="5666cd2b79a7", healthcheck={"tests": ["NONE"]})
