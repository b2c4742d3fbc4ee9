"""A serial port, as allowed."""

from tests.corpus.citizens import container

CONFIG = {"devices": {"allowed": ["/dev/ttyUSB0"]}}

container("sensor", devices=[{"host_path": "/dev/ttyUSB0", "permissions": "rw"}])
