"""A check without a test takes the image's, if it has one."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "redis"}

container("redis", healthcheck={"tests": []})
