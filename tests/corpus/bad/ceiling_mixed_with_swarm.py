"""Six containers and six Swarm replicas of the same service are twelve."""

from tests.corpus.citizens import container, labels_of, service

EXPECT = {"rule": "pool-ceilings", "who": "greeter", "says": ["12", "10"]}

for number in range(6):
    container(f"greeter-{number}", cpu_set="2-3", labels=labels_of("greeter"))
service("greeter", replicas=6)
