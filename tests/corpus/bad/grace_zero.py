"""No second is no grace."""

from tests.corpus.citizens import container

EXPECT = {"rule": "stop-grace", "who": "backend", "says": "destroyGraceSeconds"}

container("backend", destroy_grace_seconds=0)
