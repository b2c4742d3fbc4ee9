"""The whole list of volumes is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "host-paths", "who": "redis", "says": "unknown"}

container("redis", volumes=unknown([{"hostPath": "/etc", "containerPath": "/conf"}]))
