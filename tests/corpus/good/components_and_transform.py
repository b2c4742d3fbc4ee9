"""Components of the shop's own, and a transform that adds a label to each container."""

from typing import Any

import pulumi

from tests.corpus.citizens import container


def owned(given: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if given.type_ != "docker:index/container:Container":
        return None
    props: dict[str, Any] = {**given.props}
    props["labels"] = [*props["labels"], {"label": "shop.owner", "value": "team-one"}]
    return pulumi.ResourceTransformResult(props, given.opts)


pulumi.runtime.register_resource_transform(owned)
outer = pulumi.ComponentResource("shop:index:Shop", "shop")
inner = pulumi.ComponentResource("shop:index:Shelf", "shelf", None, pulumi.ResourceOptions(parent=outer))
container("cache", opts=pulumi.ResourceOptions(parent=inner))
container("agent", "agents", opts=pulumi.ResourceOptions(parent=outer))
