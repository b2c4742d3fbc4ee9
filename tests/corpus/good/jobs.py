"""Jobs run once and don't come back."""

from tests.corpus.citizens import container, memory

container("trainer", "ml", restart="no", max_retry_count=None, must_run=False, **memory(2048))
container("builder", "tools", restart="no", max_retry_count=None, must_run=False)
