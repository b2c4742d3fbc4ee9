"""The GPUs by another property."""

from tests.corpus.citizens import container

EXPECT = {"rule": "devices", "who": "embedder", "says": "deviceRequests"}

container("embedder", "ml", device_requests=[{"driver": "nvidia", "count": -1, "capabilities": ["gpu"]}])
