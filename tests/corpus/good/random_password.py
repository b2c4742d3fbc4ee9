"""A resource of the package random, which starts nothing."""

import pulumi

from tests.corpus.citizens import container

pulumi.CustomResource("random:index/randomPassword:RandomPassword", "password", {"length": 32})
container("cache")
