"""A real check whose failure is swallowed."""

from tests.corpus.citizens import container

EXPECT = {"rule": "health-check", "who": "redis", "says": "|| true"}

container(
    "redis",
    replaces_on="4a350f329ced",
    healthcheck={"tests": ["CMD-SHELL", "curl -fsS http://localhost:8080/health || true"]},
)
