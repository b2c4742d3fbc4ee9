"""The image's id is unknown until it is pulled; the resource that pulls it has a version."""

import pulumi_docker as docker

from tests.corpus.citizens import container

image = docker.RemoteImage("image", name="registry.example.org/shop/cache:7.2.5", keep_locally=True)
container("cache", image=image.image_id)
container("cache-too", image=image.repo_digest)
