"""All dropped, all added."""

from tests.corpus.citizens import container

EXPECT = {"rule": "capabilities", "who": "redis", "says": "ALL"}

container("redis", capabilities={"drops": ["ALL"], "adds": ["ALL"]})
