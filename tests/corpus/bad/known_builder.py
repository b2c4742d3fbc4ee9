"""A buildx builder is a privileged container that no rule sees."""

import pulumi_docker as docker

from tests.corpus.citizens import container

EXPECT = {"rule": "known-resources", "who": "builder", "says": "uildx"}

container("redis")
docker.BuildxBuilder("builder", name="builder", docker_container={"image": "moby/buildkit:v0.15.0"})
