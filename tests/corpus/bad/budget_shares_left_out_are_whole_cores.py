"""Eleven containers without cpuShares: each gets 1024 from Docker, a whole core, and there are ten."""

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "part-", "says": ["11", "10"]}

for number in range(11):
    container(f"part-{number:02}", cpu_shares=None)
