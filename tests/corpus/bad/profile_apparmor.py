"""No AppArmor."""

from tests.corpus.citizens import container

EXPECT = {"rule": "security-profiles", "who": "redis", "says": "apparmor"}

container("redis", security_opts=["no-new-privileges:true", "apparmor=unconfined"])
