"""Its own kernel settings, and bounds that are ones."""

from tests.corpus.citizens import container

container(
    "cache",
    sysctls={"net.core.somaxconn": "1024", "net.ipv4.ip_local_port_range": "1024 65535"},
    ulimits=[{"name": "nofile", "soft": 65536, "hard": 1048576}, {"name": "core", "soft": 0, "hard": 0}],
)
