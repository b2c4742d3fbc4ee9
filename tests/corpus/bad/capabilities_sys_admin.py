"""All dropped, and the one that is nearly all of them added."""

from tests.corpus.citizens import container

EXPECT = {"rule": "capabilities", "who": "redis", "says": "SYS_ADMIN"}

container("redis", capabilities={"drops": ["ALL"], "adds": ["SYS_ADMIN"]})
