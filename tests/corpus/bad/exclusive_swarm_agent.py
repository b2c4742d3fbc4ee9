"""A Swarm task can't be confined to cores, so an agent in Swarm runs on infrastructure's, too."""

from tests.corpus.citizens import service

EXPECT = {"rule": "exclusive-cores", "who": "agent", "says": "2-7"}

service("agent", "agents")
