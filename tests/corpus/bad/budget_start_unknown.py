"""Whether it starts is known only after the update: it counts as running."""

from tests.corpus.citizens import container, memory, unknown

EXPECT = {"rule": "host-budget", "who": "sleeper", "says": "28000"}

container("sleeper", start=unknown(True), must_run=False, restart="no", max_retry_count=None, **memory(28000))
