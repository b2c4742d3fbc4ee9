"""A Swarm task that gets its password as an argument."""

from tests.corpus.citizens import service

EXPECT = {"rule": "env-secrets", "who": "redis", "says": "command", "hides": "hunter2hunter2"}

service("redis", spec={"args": ["--requirepass", "hunter2hunter2"]})
