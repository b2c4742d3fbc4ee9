"""What is added is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "capabilities", "who": "redis", "says": "unknown"}

container("redis", capabilities={"drops": ["ALL"], "adds": unknown(["SYS_ADMIN"])})
