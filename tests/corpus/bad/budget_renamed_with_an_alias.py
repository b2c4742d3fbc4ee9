"""An earlier update gave it 28000 MiB under another name, and its changes are ignored under the new one."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "hog", "says": "28000"}
EARLIER = [
    {
        "name": "mouse",
        "type": "docker:index/container:Container",
        "inputs": {"name": "shop-hog", "memory": 28000, "memorySwap": 28000, "memoryReservation": 28000},
    }
]

container(
    "hog",
    opts=pulumi.ResourceOptions(
        aliases=[pulumi.Alias(name="mouse")], ignore_changes=["memory", "memorySwap", "memoryReservation"]
    ),
)
