"""`2,2,2-3` reads like four cores and is two."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-feasible", "who": "left", "says": "right"}

container("left", cpu_set="2,2,2-3", cpu_shares=1600)
container("right", cpu_set="3,2,3-3", cpu_shares=1600)
