"""The value is a secret, and none the less true."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}

container("redis", privileged=pulumi.Output.secret(True))
