"""A Swarm task with Docker's default set."""

from tests.corpus.citizens import service

EXPECT = {"rule": "capabilities", "who": "redis", "says": "ALL"}

service("redis", spec={"cap_drops": None})
