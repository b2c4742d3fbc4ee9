"""The host's disk, past every file's permissions."""

from tests.corpus.citizens import container

EXPECT = {"rule": "devices", "who": "redis", "says": "/dev/sda"}

container("redis", devices=[{"host_path": "/dev/sda"}])
