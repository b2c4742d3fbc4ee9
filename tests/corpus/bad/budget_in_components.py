"""Memory is spread over components of components, each of them modest."""

import pulumi

from tests.corpus.citizens import container, memory

EXPECT = {"rule": "host-budget", "who": "part-", "says": "29600"}


class Shelf(pulumi.ComponentResource):
    def __init__(self, name: str, parent: pulumi.Resource | None = None) -> None:
        super().__init__("sutazai:shop:Shelf", name, None, pulumi.ResourceOptions(parent=parent))


above: pulumi.Resource | None = None
for number in range(8):
    shelf = Shelf(f"shelf-{number}", above)
    container(f"part-{number}", opts=pulumi.ResourceOptions(parent=shelf), **memory(3700))
    above = shelf
