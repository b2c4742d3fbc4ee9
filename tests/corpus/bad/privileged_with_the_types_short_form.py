"""The type's short form, which Pulumi takes as well."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "rogue", "says": "privileged"}

container("redis")
pulumi.CustomResource(
    "docker:index:Container", "rogue", {"name": "rogue", "image": "alpine:3.20", "privileged": True}
)
