"""The first is on loopback, and the second is not."""

from tests.corpus.citizens import container

EXPECT = {"rule": "published-ports", "who": "redis", "says": "16379"}

container(
    "redis",
    ports=[
        {"internal": 6379, "external": 6379, "ip": "127.0.0.1"},
        {"internal": 6379, "external": 16379},
    ],
)
