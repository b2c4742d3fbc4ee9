"""Nobody in particular, and in the group that may use the engine."""

from tests.corpus.citizens import container

EXPECT = {"rule": "root-user", "who": "redis", "says": "docker"}

container("redis", group_adds=["docker"])
