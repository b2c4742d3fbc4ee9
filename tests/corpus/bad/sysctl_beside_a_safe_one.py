"""One safe, one not."""

from tests.corpus.citizens import container

EXPECT = {"rule": "sysctls", "who": "redis", "says": "net.ipv4.ip_forward"}

container("redis", sysctls={"net.core.somaxconn": "1024", "net.ipv4.ip_forward": "1"})
