"""Twenty-five infrastructure services; there may be 24."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-ceilings", "who": "infrastructure", "says": ["25", "24"]}

for number in range(25):
    container(f"part-{number:02}", cpu_shares=32)
