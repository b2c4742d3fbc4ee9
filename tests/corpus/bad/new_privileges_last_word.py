"""Docker takes the last of the two."""

from tests.corpus.citizens import container

EXPECT = {"rule": "no-new-privileges", "who": "redis", "says": "no-new-privileges"}

container("redis", security_opts=["no-new-privileges:true", "no-new-privileges=false"])
