"""A real check, and then something that always works."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "true"}

container("redis", replaces_on="7aca8f5c30c2", healthcheck={"tests": ["CMD-SHELL", "redis-cli ping; true"]})
