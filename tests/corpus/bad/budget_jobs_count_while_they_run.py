"""Jobs, that end some day, all at once."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "host-budget", "who": "import-", "says": "30000"}

for number in range(3):
    container(f"import-{number}", must_run=False, restart="no", max_retry_count=None, **memory(10000))
