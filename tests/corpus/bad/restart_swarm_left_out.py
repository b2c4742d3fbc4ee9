"""Without a policy Swarm starts it again, whatever happened, for ever."""

from tests.corpus.citizens import service

EXPECT = {"rule": "bounded-restart", "who": "redis", "says": "restartPolicy"}

service("redis", task={"restart_policy": None})
