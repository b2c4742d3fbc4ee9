"""A protected volume of this name is declared, on another host."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "one-host", "who": "data", "says": "10.0.0.9"}

elsewhere = docker.Provider("elsewhere", host="tcp://10.0.0.9:2375")
docker.Volume("data", name="shop-data", opts=pulumi.ResourceOptions(protect=True, provider=elsewhere))
container("ledger", volumes=[{"volume_name": "shop-data", "container_path": "/data"}])
