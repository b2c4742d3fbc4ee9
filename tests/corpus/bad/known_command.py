"""A command resource starts a container behind the pack's back."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "known-resources", "who": "starter", "says": "command"}

container("redis")
pulumi.CustomResource(
    "command:local:Command", "starter", {"create": "docker run -d --privileged alpine:3.20 sleep 1d"}
)
