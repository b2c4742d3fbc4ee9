"""On the default bridge, with a port on loopback."""

from tests.corpus.citizens import container

EXPECT = {"rule": "default-bridge", "who": "backend", "says": "network"}

container(
    "backend",
    network_mode="default",
    networks_advanced=None,
    ports=[{"internal": 8080, "external": 10010, "ip": "127.0.0.1"}],
)
