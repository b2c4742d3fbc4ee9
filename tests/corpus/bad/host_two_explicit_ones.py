"""Two providers, two hosts, and none of them this one."""

import pulumi
import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "one-host", "who": "10.0.0.8", "says": "10.0.0.9"}

for name, address in (("redis", "10.0.0.8"), ("backend", "10.0.0.9")):
    provider = docker.Provider(f"host-of-{name}", host=f"tcp://{address}:2375")
    container(name, opts=pulumi.ResourceOptions(provider=provider))
