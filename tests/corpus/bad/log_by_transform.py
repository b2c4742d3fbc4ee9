"""A transform sets another log driver's options."""

from typing import Any

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "log-rotation", "who": "redis", "says": "max-size"}


def endless(given: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if given.type_ != "docker:index/container:Container":
        return None
    props: dict[str, Any] = {**given.props, "logOpts": {"compress": "true"}}
    return pulumi.ResourceTransformResult(props, given.opts)


pulumi.runtime.register_resource_transform(endless)
container("redis")
