"""The program publishes on loopback; a transform takes the address away."""

from typing import Any

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "published-ports", "who": "redis", "says": "6379"}


def open_up(given: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if given.type_ != "docker:index/container:Container":
        return None
    props: dict[str, Any] = {**given.props, "ports": [{"internal": 6379, "external": 6379}]}
    return pulumi.ResourceTransformResult(props, given.opts)


pulumi.runtime.register_resource_transform(open_up)
container("redis", ports=[{"internal": 6379, "external": 6379, "ip": "127.0.0.1"}])
