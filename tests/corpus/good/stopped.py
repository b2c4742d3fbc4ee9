"""What is plainly stopped takes nothing: neither memory nor cores nor a place among the tools."""

from tests.corpus.citizens import container, memory

for number in range(4):
    container(
        f"tool-{number}",
        "tools",
        start=False,
        must_run=False,
        restart="no",
        max_retry_count=None,
        cpu_shares=1024,
        **memory(2048),
    )
container("cache", **memory(8192))
