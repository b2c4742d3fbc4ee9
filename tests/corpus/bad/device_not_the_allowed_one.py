"""One device is allowed, and it takes a second."""

from tests.corpus.citizens import container

EXPECT = {"rule": "devices", "who": "sensor", "says": "/dev/mem"}
CONFIG = {"devices": {"allowed": ["/dev/ttyUSB0"]}}

container("sensor", devices=[{"host_path": "/dev/ttyUSB0"}, {"host_path": "/dev/mem"}])
