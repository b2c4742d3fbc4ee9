"""Declared without the SDK's class."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "rogue", "says": "privileged"}

container("redis")
pulumi.CustomResource(
    "docker:index/container:Container", "rogue", {"name": "rogue", "image": "alpine:3.20", "privileged": True}
)
