"""Every two of the three would fit on their cores; all three want 3.3 of the cores 2, 3 and 4."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-feasible", "who": "first", "says": ["second", "third", "2-4"]}

container("first", cpu_set="2-3", cpu_shares=1126)
container("second", cpu_set="3-4", cpu_shares=1126)
container("third", cpu_set="2,4", cpu_shares=1127)
