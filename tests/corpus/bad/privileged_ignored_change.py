"""It was privileged when somebody made it; the program says no, and has its own change ignored."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}
EARLIER = [
    {
        "name": "redis",
        "type": "docker:index/container:Container",
        "inputs": {"name": "shop-redis", "image": "redis:7.2.5", "privileged": True},
    }
]

container("redis", privileged=False, opts=pulumi.ResourceOptions(ignore_changes=["privileged"]))
