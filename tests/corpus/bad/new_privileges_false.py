"""It is written there, and switched off."""

from tests.corpus.citizens import container

EXPECT = {"rule": "no-new-privileges", "who": "redis", "says": "no-new-privileges"}

container("redis", security_opts=["no-new-privileges:false"])
