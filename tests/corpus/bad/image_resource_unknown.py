"""The image resource itself doesn't know its name before the update."""

import pulumi_docker as docker

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "unknown"}

image = docker.RemoteImage("image", name=unknown("redis:latest"))
container("redis", image=image.image_id)
