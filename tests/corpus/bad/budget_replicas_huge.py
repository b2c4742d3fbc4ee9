"""A million replicas of something small."""

from tests.corpus.citizens import service

EXPECT = {"rule": "host-budget", "who": "crowd", "says": "64000000"}

service("crowd", replicas=1_000_000)
