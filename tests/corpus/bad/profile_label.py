"""No SELinux."""

from tests.corpus.citizens import container

EXPECT = {"rule": "security-profiles", "who": "redis", "says": "label"}

container("redis", security_opts=["no-new-privileges:true", "label:disable"])
