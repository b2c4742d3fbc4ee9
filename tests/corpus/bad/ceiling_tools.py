"""Three tools at a time, however small; there may be two."""

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-ceilings", "who": "tools", "says": ["3", "2"]}

for tool in ("linter", "builder", "tester"):
    container(tool, "tools")
