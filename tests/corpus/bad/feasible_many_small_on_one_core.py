"""Twenty of a thirteenth each, on one core."""

from tests.corpus.citizens import container

EXPECT = {"rule": "cpu-feasible", "who": "part-", "says": "core 6"}

for number in range(20):
    container(f"part-{number:02}", cpu_set="6", cpu_shares=80)
