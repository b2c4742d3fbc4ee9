"""A Swarm task whose check can't fail."""

from tests.corpus.citizens import service

EXPECT = {"rule": "health-check", "who": "redis", "says": "exit 0"}

service("redis", spec={"healthcheck": {"tests": ["CMD-SHELL", "redis-cli ping || exit 0"]}})
