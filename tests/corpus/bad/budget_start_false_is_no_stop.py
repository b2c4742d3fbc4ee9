"""`start: false` alone stops nothing: the next update, or a restart, runs it. So it counts."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "host-budget", "who": "sleeper", "says": "28000"}

container("sleeper", start=False, **memory(28000))
