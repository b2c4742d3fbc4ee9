"""Docker's default set, fourteen of them."""

from tests.corpus.citizens import container

EXPECT = {"rule": "capabilities", "who": "redis", "says": "ALL"}

container("redis", capabilities=None)
