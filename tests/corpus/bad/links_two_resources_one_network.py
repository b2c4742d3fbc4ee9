"""Two docker.Network resources of one name: it is one network, and the pools meet on it."""

import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "pool-links", "who": "agent", "says": "no link allows it"}

for name, pool in (("redis", "infrastructure"), ("agent", "agents")):
    common = docker.Network(f"{pool}-net", name="shop-common", driver="bridge")
    container(name, pool, networks_advanced=[{"name": common.name}])
