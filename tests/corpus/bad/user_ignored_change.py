"""It ran as root when somebody made it, and the program has its own correction ignored."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "root"}
EARLIER = [
    {
        "name": "redis",
        "type": "docker:index/container:Container",
        "inputs": {"name": "shop-redis", "image": "redis:7.2.5", "user": "root"},
    }
]

container("redis", opts=pulumi.ResourceOptions(ignore_changes=["user"]))
