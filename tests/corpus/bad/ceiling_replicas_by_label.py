"""Eleven containers that all say to be the same service."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "pool-ceilings", "who": "greeter", "says": ["11", "10"]}

for number in range(11):
    container(f"greeter-{number:02}", "agents", labels=labels_of("greeter", "agents"))
