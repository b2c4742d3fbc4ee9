"""A Swarm task without SELinux."""

from tests.corpus.citizens import service

EXPECT = {"rule": "security-profiles", "who": "redis", "says": "seLinuxContext"}

service("redis", spec={"privileges": {"se_linux_context": {"disable": True}}})
