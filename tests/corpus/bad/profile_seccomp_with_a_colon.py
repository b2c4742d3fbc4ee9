"""The older way to write it, which Docker still takes."""

from tests.corpus.citizens import container

EXPECT = {"rule": "security-profiles", "who": "redis", "says": "seccomp"}

container("redis", security_opts=["no-new-privileges:true", "seccomp:unconfined"])
