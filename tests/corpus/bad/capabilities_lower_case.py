"""Docker takes it in lower case, too."""

from tests.corpus.citizens import container

EXPECT = {"rule": "capabilities", "who": "redis", "says": "redis"}
CONFIG = {"capabilities": {"allowed": ["NET_BIND_SERVICE"]}}

container("redis", capabilities={"drops": ["ALL"], "adds": ["net_bind_service", "cap_sys_ptrace"]})
