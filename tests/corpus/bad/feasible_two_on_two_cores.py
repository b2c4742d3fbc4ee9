"""Ten cores are free enough, but these two are confined to the same two and want two and a half."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-feasible", "who": "left", "says": ["right", "2-3"]}

container("left", cpu_set="2-3", cpu_shares=1280)
container("right", cpu_set="2-3", cpu_shares=1280)
