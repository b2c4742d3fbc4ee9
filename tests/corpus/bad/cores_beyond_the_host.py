"""The host has the cores 0-11."""

from tests.corpus.citizens import container

EXPECT = {"rule": "core-sets-on-host", "who": "agent", "says": "12"}

container("agent", "agents", cpu_set="11-12")
