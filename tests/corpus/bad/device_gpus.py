"""All of the host's GPUs."""

from tests.corpus.citizens import container

EXPECT = {"rule": "devices", "who": "embedder", "says": "gpus"}

container("embedder", "ml", gpus="all")
