"""262144 shares are 256 cores."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "greedy", "says": "256"}

container("greedy", cpu_shares=262144)
