"""What is checked is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "health-check", "who": "redis", "says": "unknown"}

container("redis", healthcheck={"tests": unknown(["CMD", "true"])})
