"""A password in the health check's test."""

from tests.corpus.citizens import container

EXPECT = {"rule": "env-secrets", "who": "backend", "says": "health test", "hides": "hunter2hunter2"}

container(
    "backend",
    replaces_on="8fd82d29bdca",
    healthcheck={"tests": ["CMD", "curl", "-f", "http://admin:hunter2hunter2@localhost:8080/health"]},
)
