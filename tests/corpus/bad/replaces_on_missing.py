"""Nothing on it changes when its health check does, so the provider would never apply another one."""

from tests.corpus.citizens import container

EXPECT = {"rule": "applied-on-change", "who": "redis", "says": "sutazai.replaces-on"}

container("redis", replaces_on=None)
