"""Two databases of the shop's own making, as the operator says, on the same core."""

from tests.corpus.citizens import container

EXPECT = {"rule": "anti-affinity", "who": "ledger", "says": "orders"}
CONFIG = {"anti-affinity": {"databases": ["ledger", "orders"]}}

container("ledger", cpu_set="2-3")
container("orders", cpu_set="3")
