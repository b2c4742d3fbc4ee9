"""Every port that the image names, on all addresses."""

from tests.corpus.citizens import container

EXPECT = {"rule": "published-ports", "who": "redis", "says": "publishAllPorts"}

container("redis", publish_all_ports=True)
