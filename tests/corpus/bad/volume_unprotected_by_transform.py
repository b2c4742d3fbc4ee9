"""The program protects its volume, and a transform takes that away."""

import pulumi

from tests.corpus.citizens import container, volume

EXPECT = {"rule": "volume-protected", "who": "ledger-data", "says": "protect"}


def bare(given: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    given.opts.protect = False
    return pulumi.ResourceTransformResult(given.props, given.opts)


pulumi.runtime.register_resource_transform(bare)
data = volume("ledger-data")
container("ledger", volumes=[{"volume_name": data.name, "container_path": "/data"}])
