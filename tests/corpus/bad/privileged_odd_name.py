"""A name with the separators of a URN in it must not hide what it names."""

from tests.corpus.citizens import container

EXPECT = {"rule": "privileged", "who": "redis", "says": "privileged"}

container("docker:index/network:Network::redis", name="shop-redis", privileged=True)
