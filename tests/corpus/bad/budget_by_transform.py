"""The program asks for 64 MiB, and a transform makes 28000 of it behind the program's back."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "host-budget", "who": "redis", "says": "28000"}


def more(given: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if given.type_ != "docker:index/container:Container":
        return None
    props = {**given.props, "memory": 28000, "memorySwap": 28000, "memoryReservation": 28000}
    return pulumi.ResourceTransformResult(props, given.opts)


pulumi.runtime.register_resource_transform(more)
container("redis")
