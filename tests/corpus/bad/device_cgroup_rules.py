"""No device is passed in; it may make any itself."""

from tests.corpus.citizens import container

EXPECT = {"rule": "devices", "who": "redis", "says": "deviceCgroupRules"}

container("redis", device_cgroup_rules=["b 8:* rwm"])
