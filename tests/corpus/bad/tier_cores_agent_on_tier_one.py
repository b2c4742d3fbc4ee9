"""An agent says tier 2 and may run on cores 9-11: tier 2 has 8-11, so far so good; 6 is not one of them."""

from tests.corpus.citizens import container

EXPECT = {"rule": "tier-cores", "who": "agent", "says": "8-11"}

container("agent", "agents", cpu_set="6,9-11")
