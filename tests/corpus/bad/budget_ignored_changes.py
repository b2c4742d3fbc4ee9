"""An earlier update gave it 28000 MiB, and the program, which now says 64, has Pulumi ignore its own change."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "hog", "says": "28000"}
EARLIER = [
    {
        "name": "hog",
        "type": "docker:index/container:Container",
        "inputs": {"name": "shop-hog", "memory": 28000, "memorySwap": 28000, "memoryReservation": 28000},
    }
]

container("hog", opts=pulumi.ResourceOptions(ignore_changes=["memory", "memorySwap", "memoryReservation"]))
