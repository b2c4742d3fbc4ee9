"""/proc/kcore and the rest, readable."""

from tests.corpus.citizens import container

EXPECT = {"rule": "security-profiles", "who": "redis", "says": "systempaths"}

container("redis", security_opts=["no-new-privileges:true", "systempaths=unconfined"])
