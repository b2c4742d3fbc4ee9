"""A check that can't fail."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "true"}

container("redis", replaces_on="bc3cf558b144", healthcheck={"tests": ["CMD", "/bin/true"]})
