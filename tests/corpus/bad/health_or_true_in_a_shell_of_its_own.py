"""The same, with the shell called by hand and a blank less."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "true"}

container("redis", replaces_on="29a0cafc46d5", healthcheck={"tests": ["CMD", "sh", "-c", "redis-cli ping ||true"]})
