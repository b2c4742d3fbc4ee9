"""Sixty agents whose limits add up to more than their tier has: their pool's cgroup holds them."""

from tests.corpus.citizens import container, memory

for number in range(60):
    container(
        f"agent-{number:02}",
        "agents",
        cpu_shares=32,
        cgroup_parent="/sutazai/prod/agents",
        **memory(48, 256),
    )
