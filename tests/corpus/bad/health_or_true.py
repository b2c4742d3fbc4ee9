"""A real check whose failure is swallowed."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "|| true"}

container("redis", healthcheck={"tests": ["CMD-SHELL", "curl -fsS http://localhost:8080/health || true"]})
