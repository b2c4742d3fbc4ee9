"""Which devices is known only after the update."""

from tests.corpus.citizens import container, unknown

EXPECT = {"rule": "devices", "who": "redis", "says": "unknown"}

container("redis", devices=unknown([{"hostPath": "/dev/sda"}]))
