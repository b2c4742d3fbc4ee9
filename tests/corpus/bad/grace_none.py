"""Without a grace period the provider kills it at once."""

from tests.corpus.citizens import container

EXPECT = {"rule": "stop-grace", "who": "backend", "says": "destroyGraceSeconds"}

container("backend", destroy_grace_seconds=None)
