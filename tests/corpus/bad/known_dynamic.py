"""A dynamic resource runs Python of its own while it is created: no rule sees what it starts."""

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

from tests.corpus.citizens import container

EXPECT = {"rule": "known-resources", "who": "starter", "says": "pulumi-python"}


class Starter(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("started", props)


class Started(Resource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(Starter(), name, {"command": "docker run --privileged alpine"}, opts)


container("redis")
Started("starter")
