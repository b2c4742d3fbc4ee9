"""To get at tier 1's quota an agent calls itself tier 1, and stays on the agents' cores."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "tier-cores", "who": "agent", "says": "10-11"}

container("agent", "agents", labels=labels_of("agent", "agents", tier="1"))
