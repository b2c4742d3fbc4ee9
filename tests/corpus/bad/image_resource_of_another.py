"""A pinned image is declared, and the container's comes from the other one."""

import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "redis"}

docker.RemoteImage("pinned", name="redis:7.2.5")
floating = docker.RemoteImage("floating", name="redis")
container("redis", image=floating.image_id)
