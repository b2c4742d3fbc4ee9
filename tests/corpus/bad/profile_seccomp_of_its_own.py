"""A profile of its own that allows everything."""

from tests.corpus.citizens import container

EXPECT = {"rule": "security-profiles", "who": "redis", "says": "seccomp"}

container("redis", security_opts=["no-new-privileges:true", 'seccomp={"defaultAction": "SCMP_ACT_ALLOW"}'])
