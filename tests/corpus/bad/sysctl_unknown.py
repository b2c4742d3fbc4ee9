"""Which ones are set is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "sysctls", "who": "redis", "says": "unknown"}

container("redis", sysctls=unknown({"vm.overcommit_memory": "1"}))
