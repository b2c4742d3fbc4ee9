"""An agent borrows one of the cores that infrastructure has for itself."""

from tests.corpus.citizens import container

EXPECT = {"rule": "exclusive-cores", "who": "agent", "says": "7"}

container("redis")
container("agent", "agents", cpu_set="7-8")
