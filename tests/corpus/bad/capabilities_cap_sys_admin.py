"""The same with its prefix."""

from tests.corpus.citizens import container

EXPECT = {"rule": "capabilities", "who": "redis", "says": "SYS_ADMIN"}

container("redis", capabilities={"drops": ["ALL"], "adds": ["CAP_SYS_ADMIN"]})
