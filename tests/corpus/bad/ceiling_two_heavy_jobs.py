"""Two heavy ML jobs at once; there may be one."""

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "pool-ceilings", "who": "trainer", "says": ["ml", "1"]}

for name in ("trainer-one", "trainer-two"):
    container(name, "ml", must_run=False, restart="no", max_retry_count=None, **memory(1024))
