"""Somebody's container beside the stack's own, in no component and without a label."""

from tests.corpus.citizens import container

EXPECT = {"rule": "required-labels", "who": "portainer", "says": "sutazai.pool"}

container("redis")
container("portainer", labels=[], replaces_on=None, healthcheck=None)
