"""Not one of the container's own."""

from tests.corpus.citizens import container

EXPECT = {"rule": "sysctls", "who": "redis", "says": "kernel.core_pattern"}

container("redis", sysctls={"kernel.core_pattern": "|/bin/sh"})
