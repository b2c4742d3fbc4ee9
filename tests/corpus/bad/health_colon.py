"""The shell's colon always works."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "redis"}

container("redis", replaces_on="3d4bb122548b", healthcheck={"tests": ["CMD-SHELL", "redis-cli ping || :"]})
