"""Agents are tier 2; this one says pool agents and tier 3, where there is still room."""

from tests.corpus.citizens import container, labels_of

EXPECT = {"rule": "required-labels", "who": "agent", "says": ["agents", "3"]}

container("agent", "agents", labels=labels_of("agent", "agents", tier="3"))
