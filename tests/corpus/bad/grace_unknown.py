"""How long is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "stop-grace", "who": "backend", "says": "unknown"}

container("backend", destroy_grace_seconds=unknown(30))
