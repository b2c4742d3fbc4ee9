"""What looks like a tag is the registry's port."""

from tests.corpus.citizens import container

EXPECT = {"rule": "image-pinned", "who": "redis", "says": "registry:5000/redis"}

container("redis", image="registry:5000/redis")
