"""A Swarm task with a token."""

from tests.corpus.citizens import service

EXPECT = {"rule": "env-secrets", "who": "agent", "says": "BOT_TOKEN", "hides": "0123456789abcdef"}

service("agent", spec={"env": {"BOT_TOKEN": "0123456789abcdef"}})
