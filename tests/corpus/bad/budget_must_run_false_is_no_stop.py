"""`mustRun: false` says what Pulumi puts up with, not that the container is stopped."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "host-budget", "who": "sleeper", "says": "28000"}

container("sleeper", must_run=False, restart="no", max_retry_count=None, **memory(28000))
