"""Written by hand past the SDK, in the wrong case: the provider leaves it out without a word."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "known-properties", "who": "redis", "says": "cpu_set"}

container("good")
pulumi.CustomResource(
    "docker:index/container:Container",
    "redis",
    {"name": "shop-redis", "image": "redis:7.2.5", "cpu_set": "2-3", "memory_swap": 128},
)
