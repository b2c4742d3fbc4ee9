"""A Swarm service without labels."""

from tests.corpus.citizens import service

EXPECT = {"rule": "required-labels", "who": "crowd", "says": "sutazai.stack"}

service("crowd", labels=[])
