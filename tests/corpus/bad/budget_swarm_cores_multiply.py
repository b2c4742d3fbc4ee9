"""Eight Swarm tasks with one and a half cores each: twelve of ten cores."""

from tests.corpus.citizens import service, swarm_resources

EXPECT = {"rule": "host-budget", "who": "crowd", "says": "12"}

service(
    "crowd",
    replicas=8,
    task={"resources": swarm_resources(64, 128, nano_request=1_500_000_000, nano_limit=1_500_000_000)},
)
