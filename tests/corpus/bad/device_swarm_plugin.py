"""A Swarm service whose tasks are no containers but plugins, which are root on the host."""

from tests.corpus.citizens import service

EXPECT = {"rule": "devices", "who": "redis", "says": "runtime"}

service("redis", task={"runtime": "plugin"})
