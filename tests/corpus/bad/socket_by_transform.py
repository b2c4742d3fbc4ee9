"""A transform puts the socket into each container."""

from typing import Any

import pulumi

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "/run/docker.sock"}


def watch(given: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if given.type_ != "docker:index/container:Container":
        return None
    socket = "/var/run/docker.sock"
    props: dict[str, Any] = {**given.props, "volumes": [{"hostPath": socket, "containerPath": socket}]}
    return pulumi.ResourceTransformResult(props, given.opts)


pulumi.runtime.register_resource_transform(watch)
container("agent", "agents")
