"""A check that can't fail, in the shell."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "exit 0"}

container("redis", replaces_on="9e8e9406b5f1", healthcheck={"tests": ["CMD-SHELL", "exit 0"]})
