"""/var, where /var/run leads to the socket."""

from tests.corpus.citizens import container

EXPECT = {"rule": "engine-socket", "who": "exporter", "says": "/var"}

container("exporter", mounts=[{"type": "bind", "source": "/var", "target": "/host-var", "read_only": True}])
