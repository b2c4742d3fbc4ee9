"""The operator lends a GPU to the embedder."""

from tests.corpus.citizens import container

CONFIG = {"devices": {"gpus": True}}

container("embedder", "ml", gpus="all")
