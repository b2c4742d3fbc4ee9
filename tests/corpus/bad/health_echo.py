"""It only says that it is well."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "echo"}

container("redis", replaces_on="dc88f8ccdb66", healthcheck={"tests": ["CMD-SHELL", "echo healthy"]})
