"""A real check, and then something that always works."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "true"}

container("redis", healthcheck={"tests": ["CMD-SHELL", "redis-cli ping; true"]})
