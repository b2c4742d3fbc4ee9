"""`memorySwapp` looks right at a glance."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "known-properties", "who": "redis", "says": "memorySwapp"}

container("good")
pulumi.CustomResource(
    "docker:index/container:Container",
    "redis",
    {"name": "shop-redis", "image": "redis:7.2.5", "memory": 128, "memorySwapp": 128},
)
