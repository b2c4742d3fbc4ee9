"""The options are known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "no-new-privileges", "who": "redis", "says": "unknown"}

container("redis", security_opts=unknown(["no-new-privileges:true"]))
