"""Ten of one service, as many as there may be."""

from tests.corpus.citizens import container, labels_of

for number in range(10):
    container(f"greeter-{number}", "agents", labels=labels_of("greeter", "agents"))
