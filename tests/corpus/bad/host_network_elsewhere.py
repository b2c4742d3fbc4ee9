"""The containers are here, and a network is made on another host."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "one-host", "who": "remote-network", "says": "10.0.0.9"}

elsewhere = docker.Provider("elsewhere", host="tcp://10.0.0.9:2375")
container("redis")
docker.Network("remote-network", name="shop-remote", opts=pulumi.ResourceOptions(provider=elsewhere))
