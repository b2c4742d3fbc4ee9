"""The program is spotless; a transform isn't."""

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}


def raise_it(given: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if given.type_ != "docker:index/container:Container":
        return None
    return pulumi.ResourceTransformResult({**given.props, "privileged": True}, given.opts)


pulumi.runtime.register_resource_transform(raise_it)
container("redis")
