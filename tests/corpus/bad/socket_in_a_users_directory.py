"""The directory in which a user's own engine has its socket."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "agent", "says": "/run/user"}
CONFIG = {"host-paths": {"allowed": ["/run/user"]}}

container("agent", "agents", volumes=[{"host_path": "/run/user/1000", "container_path": "/user"}])
