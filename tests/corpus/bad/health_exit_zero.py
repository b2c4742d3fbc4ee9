"""A check that can't fail, in the shell."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "exit 0"}

container("redis", healthcheck={"tests": ["CMD-SHELL", "exit 0"]})
