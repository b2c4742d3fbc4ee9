"""Ports on loopback, in both families."""

from tests.corpus.citizens import container

container(
    "backend",
    ports=[
        {"internal": 8080, "external": 10010, "ip": "127.0.0.1"},
        {"internal": 8081, "external": 10011, "ip": "127.0.0.53"},
        {"internal": 8082, "external": 10012, "ip": "::1"},
    ],
)
