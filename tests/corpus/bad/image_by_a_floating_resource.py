"""The container has an id, which is unknown; the image resource behind it has a tag that moves."""

import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "latest"}

image = docker.RemoteImage("image", name="redis:latest", keep_locally=True)
container("redis", image=image.image_id)
