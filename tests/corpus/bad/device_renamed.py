"""The allowed device's name is only the one inside."""

from tests.corpus.citizens import container

EXPECT = {"rule": "devices", "who": "sensor", "says": "/dev/mem"}
CONFIG = {"devices": {"allowed": ["/dev/ttyUSB0"]}}

container("sensor", devices=[{"host_path": "/dev/mem", "container_path": "/dev/ttyUSB0"}])
