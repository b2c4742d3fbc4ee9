"""A Swarm task that may load kernel modules."""

from tests.corpus.citizens import service

EXPECT = {"rule": "capabilities", "who": "redis", "says": "SYS_MODULE"}

service("redis", spec={"cap_adds": ["CAP_SYS_MODULE"]})
