"""The volume takes its protection from the component that it is in."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

kept = pulumi.ComponentResource("shop:index:Kept", "kept", None, pulumi.ResourceOptions(protect=True))
data = docker.Volume("data", name="shop-data", opts=pulumi.ResourceOptions(parent=kept))
container("ledger", volumes=[{"volume_name": data.name, "container_path": "/data"}])
