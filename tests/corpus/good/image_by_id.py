"""An image's id can't move."""

from tests.corpus.citizens import container

container("cache", image="sha256:" + "12" * 32)
