"""The cgroup of the same pool, in another stack."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-cgroup", "who": "agent", "says": "/sutazai/dev/agents"}

container("agent", "agents", cgroup_parent="/sutazai/dev/agents")
