"""How many replicas run is known only after the update: nobody can add them up before."""

from tests.corpus.citizens import service, unknown

EXPECT = {"rule": "host-budget", "who": "crowd", "says": "unknown"}

service("crowd", replicas=unknown(500))
